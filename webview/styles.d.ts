// What the bundler can import besides TypeScript.
declare module "*.css";
declare module "*.jsonl" {
	const text: string;
	export default text;
}
