// `--set name=value`, collected into one object: numbers as numbers, everything else as text.

export function addSetting(text: string, settings: Record<string, number | string>): Record<string, number | string> {
	const [name = "", value = ""] = text.split(/=(.*)/s);
	const number = Number(value);
	return { ...settings, [name]: value.trim() !== "" && Number.isFinite(number) ? number : value };
}
