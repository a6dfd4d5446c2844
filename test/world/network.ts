import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { connect, createServer as createSocketServer } from "node:net";

export interface Listening {
  readonly port: number;
  close(): void;
}

/** Listens on a free port of the loopback interface. */
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

/** @returns the whole body, or null when the client closed the connection before its end */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const bytes = await readBytes(request);
  return request.complete ? bytes.toString() : null;
}

/** The body as far as it has come when it ends or the client closes the connection. */
export async function readBytes(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => request.once("end", resolve).once("close", resolve));
  return Buffer.concat(chunks);
}

/** Responds with JSON, or with an empty body when `body` is undefined. */
export function respondJson(response: ServerResponse, status: number, body?: unknown): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Below the range that systems give to outgoing connections, so that none takes the port before it is used. */
const PORTS = { from: 15_000, to: 30_000 };

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const server = createSocketServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Whether a process accepts connections on a port of the loopback interface. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}
