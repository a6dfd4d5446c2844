import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
import { StateFile } from "./state-file.ts";

export interface ServerOptions extends Omit<SimulatorOptions, "initialState" | "save"> {
  /** 0 for any free port. */
  port: number;
  /** Default: 127.0.0.1. */
  hostname?: string;
  /** Keeps messages, templates and unreachable numbers; without it, they are in memory only. */
  stateFile?: string;
  /** The sample app, served under `/shop`. */
  shop?: Hono;
}

export interface RunningSimulator {
  /** Without a slash at the end. */
  url: string;
  port: number;
  simulator: Simulator;
  /** Stops listening and writes unsaved changes. */
  close(): Promise<void>;
}

const PAGE = fileURLToPath(new URL("./page", import.meta.url));

/**
 * Serves the simulator and its page.
 * @throws the listener's error, `EADDRINUSE` when the port is taken
 */
export async function startSimulator(options: ServerOptions): Promise<RunningSimulator> {
  const { port, hostname = "127.0.0.1", stateFile, shop = new Hono(), ...rest } = options;
  const file = stateFile === undefined ? undefined : new StateFile(stateFile);
  const initialState = await file?.read();
  const simulator = createSimulator({
    ...rest,
    ...(initialState ? { initialState } : {}),
    ...(file ? { save: (state) => file.save(state) } : {}),
  });
  const app = new Hono()
    .route("/shop", shop)
    .get("*", serveStatic({ root: PAGE }))
    .all("*", (c) => simulator.app.fetch(c.req.raw));
  const server = createServer(getRequestListener(app.fetch));
  const actualPort = await listen(server, port, hostname);

  return {
    url: `http://${hostname}:${actualPort}`,
    port: actualPort,
    simulator,
    async close() {
      simulator.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await file?.flushed();
    },
  };
}

function listen(server: Server, port: number, hostname: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
