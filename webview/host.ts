// The page's only way to the world outside: messages, and a little state that survives reloads. The gallery and the
// tests put their own in its place.
import type { Port } from "../src/protocol/channel.ts";

export interface PageHost {
	port: Port;
	getState(): unknown;
	setState(state: unknown): void;
}

export function vscodeHost(): PageHost {
	const api = acquireVsCodeApi();
	return {
		port: {
			post: (message) => api.postMessage(message),
			listen: (receive) => {
				const heard = (event: MessageEvent<unknown>) => receive(event.data);
				window.addEventListener("message", heard);
				return () => window.removeEventListener("message", heard);
			},
		},
		getState: () => api.getState(),
		setState: (state) => void api.setState(state),
	};
}
