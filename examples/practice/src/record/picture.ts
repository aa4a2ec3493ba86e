// Draws a group of rollouts as a tree with the exact value at every node: the picture of docs/practice.md.
import { type HierarchyPointLink, type HierarchyPointNode, hierarchy, tree } from "d3";
import { type Action, actionKey } from "../world/actions.ts";
import type { Task } from "../world/tasks.ts";
import { walkSteps } from "../world/truth.ts";
import type { GenerateOptions } from "./generate.ts";
import { type Generated, TaskRecorder } from "./generate.ts";

interface Branch {
	/** What was done to come here, in at most two lines; none at the root. */
	label: string[];
	/** Probability of success from here. */
	value: number;
	/** Rollouts that passed here. */
	passed: number;
	/** The step that led here made success impossible. */
	lost: boolean;
	children: Map<string, Branch>;
}

const COLUMN = 84;
const ROW = 50;
const MARGIN = { left: 24, right: 60, top: 40, bottom: 58 };
const RADIUS = 6;
/** Greys and hues that can be read on a light and on a dark page. */
const INK = "#808080";
const LOST = "#c2553f";
const GOOD = "#3f7fc2";

/** An SVG of the first `count` rollouts of a task, as a tree of actions. */
export function drawTree(task: Task, count: number, options: GenerateOptions): string {
	const recorder = new TaskRecorder(task, options);
	const rollouts = Array.from({ length: count }, (_, trial) => recorder.play(trial)!);
	const root = growTree(recorder, rollouts);
	const layout = tree<Branch>().nodeSize([ROW, COLUMN]);
	const laid = layout(hierarchy(root, (branch) => [...branch.children.values()]));
	return writeSvg(laid, `${task.id}: ${count} rollouts`);
}

function growTree(recorder: TaskRecorder, rollouts: Generated[]): Branch {
	const root = newBranch([], rollouts[0]!.truth.values[0]!);
	for (const { record, truth } of rollouts) {
		let branch = root;
		branch.passed++;
		walkSteps(recorder.graph, record.messages).forEach(({ action, before }, index) => {
			if (before.memory.ended !== "") return;
			const { after, before: value } = truth.steps[index]!;
			const key = actionKey(action);
			const next = branch.children.get(key) ?? newBranch(labelOf(recorder.task, action), after);
			next.lost = after === 0 && value > 0;
			next.passed++;
			branch.children.set(key, next);
			branch = next;
		});
	}
	return root;
}

function newBranch(label: string[], value: number): Branch {
	return { label, value, passed: 0, lost: false, children: new Map() };
}

function labelOf(task: Task, action: Action): string[] {
	if (action.kind === "say") {
		const { say } = action;
		return say.topic === "ask" ? ["ask", task.slots[say.slot]!.kind] : [say.topic];
	}
	const [id, value] = Object.values(action.args);
	if (typeof value !== "string" || value.length > 12) return [action.tool];
	return [action.tool, id === task.orders[0]!.id ? value : `${value} ${String(id)}`];
}

function writeSvg(root: HierarchyPointNode<Branch>, title: string): string {
	const nodes = root.descendants();
	const top = Math.min(...nodes.map((node) => node.x));
	const width = MARGIN.left + MARGIN.right + Math.max(...nodes.map((node) => node.y));
	const height = MARGIN.top + MARGIN.bottom + Math.max(...nodes.map((node) => node.x)) - top;
	const move = `translate(${MARGIN.left} ${Math.round(MARGIN.top - top)})`;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
		`<title>${title}</title>`,
		`<g transform="${move}" font-family="system-ui, sans-serif" font-size="11" fill="${INK}">`,
		...root.links().map(drawLink),
		...nodes.map(drawNode),
		"</g>",
		legend(height),
		"</svg>",
		"",
	].join("\n");
}

function drawLink({ source, target }: HierarchyPointLink<Branch>): string {
	const middle = (source.y + target.y) / 2;
	const path = `M${source.y} ${source.x}C${middle} ${source.x} ${middle} ${target.x} ${target.y} ${target.x}`;
	const stroke = target.data.lost ? LOST : INK;
	return `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${1 + target.data.passed * 0.6}" stroke-opacity="0.5"/>`;
}

/** The fill's strength is the value; a square marks the step that lost the rollout, a ring an end in success. */
function drawNode({ x, y, data, children }: HierarchyPointNode<Branch>): string {
	const ended = children === undefined;
	const colour = data.value === 0 ? LOST : GOOD;
	const style = `fill="${colour}" fill-opacity="${data.value === 0 ? 0.15 : data.value.toFixed(2)}" stroke="${colour}"`;
	const shape = data.lost
		? `<rect x="${y - RADIUS}" y="${x - RADIUS}" width="${2 * RADIUS}" height="${2 * RADIUS}" ${style} stroke-width="2"/>`
		: `<circle cx="${y}" cy="${x}" r="${RADIUS}" ${style}/>`;
	const name = data.label.map((line, index) => {
		const height = x - 10 - 12 * (data.label.length - 1 - index);
		return `<text x="${y}" y="${height}" text-anchor="middle">${line}</text>`;
	});
	const value = `<text x="${y}" y="${x + 18}" text-anchor="middle" font-weight="600">${formatValue(data.value)}</text>`;
	const end = ended ? `<text x="${y + 12}" y="${x + 4}">${data.value === 1 ? "solved" : "failed"}</text>` : "";
	return shape + name.join("") + value + end;
}

function formatValue(value: number): string {
	if (value === 0 || value === 1) return String(value);
	return Math.min(0.99, Math.max(0.01, value)).toFixed(2).slice(1);
}

function legend(height: number): string {
	const y = height - 12;
	return `<text x="${MARGIN.left}" y="${y}" font-family="system-ui, sans-serif" font-size="11" fill="${INK}">Below each node: the exact probability of success from there. Square: the step after which nothing succeeds. Width: how many rollouts passed.</text>`;
}
