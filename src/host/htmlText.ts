// Log text inside pages of ours without scripts: it becomes text and nothing else.

export function htmlText(value: string): string {
	return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
