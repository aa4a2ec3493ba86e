// Where tools come from, as people write it down: MCP configuration files of editors and clients, and our own settings.

import { withoutComments } from "../json/comments.ts";
import { parseJson } from "../json/parse.ts";
import { asNumber, asString, isObject, type JsonObject, type JsonValue, member } from "../model/json.ts";
import { type Environment, readEnvironment, WORKTREE } from "./environment.ts";

interface SpecBase {
	/** Unique among all that are offered. */
	name: string;
	/** File or setting that it was read from. */
	source: string;
	environment: Environment | null;
	/** The user vouches that nothing outside is touched: one consent for each rerun suffices. */
	sandbox: boolean;
}

export interface StdioServer extends SpecBase {
	kind: "mcp-stdio";
	command: string;
	args: string[];
	env: Record<string, string>;
	cwd: string | null;
}

export interface HttpServer extends SpecBase {
	kind: "mcp-http";
	url: string;
	headers: Record<string, string>;
}

/** A program for each tool. `${name}` in a part stands for an argument; parts never meet a shell. */
export interface CommandTool {
	command: string[];
	cwd: string | null;
	seconds: number;
}

export interface CommandTools extends SpecBase {
	kind: "command";
	tools: Map<string, CommandTool>;
}

/** An address for each tool: POST sends the arguments as JSON, GET as a query. */
export interface HttpTool {
	url: string;
	method: "GET" | "POST";
	headers: Record<string, string>;
	seconds: number;
}

export interface HttpTools extends SpecBase {
	kind: "http";
	tools: Map<string, HttpTool>;
}

export type BackendSpec = StdioServer | HttpServer | CommandTools | HttpTools;

export interface BackendSpecs {
	specs: BackendSpec[];
	/** `source: name: reason`, one for each entry that cannot be used. */
	problems: string[];
}

/** Answers a variable such as `workspaceFolder` or `env:HOME`; null where it is not known here. */
export type Variables = (name: string) => string | null;

const SECONDS = 60;

/** Reads `.vscode/mcp.json` (`servers`), `.mcp.json` and its like (`mcpServers`), comments allowed. */
export function readMcpFile(text: string, source: string, variables: Variables): BackendSpecs {
	const parsed = parseJson(withoutComments(text));
	if (!parsed.ok) return { specs: [], problems: [`${source}: not JSON: ${parsed.reason}`] };
	const servers = member(parsed.value, "servers") ?? member(parsed.value, "mcpServers");
	if (servers === undefined) return { specs: [], problems: [`${source}: neither servers nor mcpServers`] };
	return readBackends(servers, source, variables);
}

/** Reads a map of backends by name, as in the setting `trajectory.replay.backends`. */
export function readBackends(value: JsonValue | undefined, source: string, variables: Variables): BackendSpecs {
	const specs: BackendSpec[] = [];
	const problems: string[] = [];
	for (const [name, entry] of Object.entries(isObject(value) ? value : {})) {
		const unknown = new Set<string>();
		const known: Variables = (variable) =>
			variable === "worktree" && hasWorktree(entry) ? WORKTREE : variables(variable);
		const spec = readBackend(name, source, resolved(entry, known, unknown));
		if (typeof spec === "string") problems.push(`${source}: ${name}: ${spec}`);
		else if (unknown.size > 0 && spec.kind !== "command" && spec.kind !== "http")
			problems.push(`${source}: ${name}: nothing is known for ${[...unknown].join(", ")}`);
		else specs.push(spec);
	}
	return { specs, problems };
}

function hasWorktree(entry: JsonValue): boolean {
	return member(member(entry, "environment"), "worktree") !== undefined;
}

function readBackend(name: string, source: string, entry: JsonValue): BackendSpec | string {
	if (!isObject(entry)) return "not an object";
	const base = {
		name,
		source,
		environment: readEnvironment(member(entry, "environment")),
		sandbox: member(entry, "sandbox") === true,
	};
	const type = asString(member(entry, "type"));
	const url = asString(member(entry, "url"));
	const command = asString(member(entry, "command"));
	const tools = member(entry, "tools");
	if (type === "command" || type === "http-tools") return toolsOf(type, base, isObject(tools) ? tools : {});
	if (type === "sse") return "the SSE transport is no longer spoken; use streamable HTTP";
	if (url !== null) {
		if (!/^https?:\/\//.test(url)) return `no http address: ${url}`;
		return { ...base, kind: "mcp-http", url, headers: texts(member(entry, "headers")) };
	}
	if (command === null) return "neither a command nor a url";
	const args = list(member(entry, "args"));
	const env = texts(member(entry, "env"));
	return { ...base, kind: "mcp-stdio", command, args, env, cwd: asString(member(entry, "cwd")) };
}

function toolsOf(type: "command" | "http-tools", base: SpecBase, tools: JsonObject): BackendSpec | string {
	if (type === "command") {
		const read = Object.entries(tools).map(([tool, entry]): [string, CommandTool] => [
			tool,
			{
				command: list(member(entry, "command")),
				cwd: asString(member(entry, "cwd")),
				seconds: asNumber(member(entry, "seconds")) ?? SECONDS,
			},
		]);
		const empty = read.find(([, { command }]) => command.length === 0);
		return empty === undefined ? { ...base, kind: "command", tools: new Map(read) } : `${empty[0]}: no command`;
	}
	const read = Object.entries(tools).map(([tool, entry]): [string, HttpTool] => [
		tool,
		{
			url: asString(member(entry, "url")) ?? "",
			method: asString(member(entry, "method")) === "GET" ? "GET" : "POST",
			headers: texts(member(entry, "headers")),
			seconds: asNumber(member(entry, "seconds")) ?? SECONDS,
		},
	]);
	const wrong = read.find(([, { url }]) => !/^https?:\/\//.test(url));
	return wrong === undefined ? { ...base, kind: "http", tools: new Map(read) } : `${wrong[0]}: no http address`;
}

function list(value: JsonValue | undefined): string[] {
	return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function texts(value: JsonValue | undefined): Record<string, string> {
	const entries = Object.entries(isObject(value) ? value : {});
	return Object.fromEntries(entries.flatMap(([key, entry]) => (typeof entry === "string" ? [[key, entry]] : [])));
}

const DEEPEST = 20;

/** The entry with `${workspaceFolder}` and `${env:NAME}` filled in; what is not known stays and is collected. */
function resolved(value: JsonValue, variables: Variables, unknown: Set<string>, depth = 0): JsonValue {
	if (typeof value === "string") return fillVariables(value, variables, unknown);
	if (depth > DEEPEST || value === null || typeof value !== "object") return value;
	if (Array.isArray(value)) return value.map((entry) => resolved(entry, variables, unknown, depth + 1));
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => [
			key,
			// what an environment fills in comes from the record, not from here
			key === "environment" ? withFolders(entry, variables) : resolved(entry, variables, unknown, depth + 1),
		]),
	);
}

/** Only the workspace's folder is filled in: everything else waits for the record. */
function withFolders(value: JsonValue, variables: Variables): JsonValue {
	const folder = variables("workspaceFolder");
	const fill = (text: string): string => (folder === null ? text : text.replaceAll("${workspaceFolder}", folder));
	if (typeof value === "string") return fill(value);
	if (Array.isArray(value)) return value.map((part) => (typeof part === "string" ? fill(part) : part));
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => [key, isObject(entry) ? entry : withFolders(entry, variables)]),
	);
}

function fillVariables(text: string, variables: Variables, unknown: Set<string>): string {
	return text.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
		const value = variables(name);
		if (value === null) unknown.add(whole);
		return value ?? whole;
	});
}

/** What would be started or spoken to, word for word, for the question that is asked before. */
export function describeBackend(spec: BackendSpec): string {
	return [describeTools(spec), ...describeMeans(spec)].join("\n");
}

function describeTools(spec: BackendSpec): string {
	switch (spec.kind) {
		case "mcp-stdio":
			return [spec.command, ...spec.args].map(quoted).join(" ");
		case "mcp-http":
			return spec.url;
		case "command":
			return [...spec.tools].map(([tool, { command }]) => `${tool}: ${command.map(quoted).join(" ")}`).join("\n");
		case "http":
			return [...spec.tools].map(([tool, { method, url }]) => `${tool}: ${method} ${url}`).join("\n");
	}
}

function describeMeans({ environment }: BackendSpec): string[] {
	const means = environment?.means;
	if (means === undefined) return [];
	if (means.kind === "worktree") return [`in a git worktree of ${means.repository}`];
	const line = (title: string, command: string[]) =>
		command.length === 0 ? [] : [`${title}: ${command.map(quoted).join(" ")}`];
	return [...line("snapshot", means.snapshot), ...line("restore", means.restore)];
}

/** Only for showing: no shell ever reads it. */
function quoted(part: string): string {
	return /^[\w@%+=:,./$\\{}-]+$/.test(part) ? part : JSON.stringify(part);
}
