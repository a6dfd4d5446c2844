import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";

export interface Listening {
  readonly port: number;
  close(): void;
}

/** Listens on any free port of the loopback. */
export async function listen(handle: RequestListener): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 }, handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return {
    port: address.port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The whole body; null where the other side hung up before it was through. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => request.once("end", resolve).once("close", resolve));
  return request.complete ? Buffer.concat(chunks).toString() : null;
}

/** Answers with JSON; no body where there is none. */
export function answer(response: ServerResponse, status: number, body?: unknown): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
