// A chat-completions endpoint in front of another that takes a fixed time for each answer, as a model does: sends its
// address once it listens. Arguments: the other's address, milliseconds.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

const [address = "", milliseconds = "0"] = process.argv.slice(2);

const server = createServer((asked, response) => {
	const forwarded = request(
		`${address}${asked.url?.replace(/^\/v1/, "")}`,
		{ method: "POST", headers: asked.headers },
		(answer) => {
			setTimeout(() => {
				response.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.pipe(response);
			}, Number(milliseconds));
		},
	);
	asked.pipe(forwarded);
});
server.listen(0, "127.0.0.1", () => {
	process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
