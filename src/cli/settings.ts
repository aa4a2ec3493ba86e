// Values of options: `--set name=value` collected into one object, and whole numbers.
import { InvalidArgumentError } from "commander";

/** Numbers become numbers, everything else stays text. */
export function addSetting(text: string, settings: Record<string, number | string>): Record<string, number | string> {
	const [name = "", value = ""] = text.split(/=(.*)/s);
	const number = Number(value);
	return { ...settings, [name]: value.trim() !== "" && Number.isFinite(number) ? number : value };
}

export function wholeNumber(text: string): number {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("a whole number from 1 on is needed");
	return number;
}
