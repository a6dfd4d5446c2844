import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { readBody, respondJson } from "../../world/network.ts";
import type { Random } from "../../world/random.ts";
import { drawCallFault, type Faults } from "./fault-rates.ts";

interface Entry {
  readonly value: string;
  readonly metadata: string | undefined;
}

const METADATA = "cf-kv-metadata";

/** The server of workerd's KV binding, without what the Worker does not use: expiry and bulk reads. */
export class KvService {
  readonly #namespaces = new Map<string, Map<string, Entry>>();
  readonly #faults: Faults;
  readonly #random: Random;

  constructor(faults: Faults, random: Random) {
    [this.#faults, this.#random] = [faults, random];
  }

  async serve(request: IncomingMessage, response: ServerResponse, namespace: string): Promise<void> {
    const value = await readBody(request);
    if (value === null) return;
    const { kind, delayMs } = drawCallFault(this.#faults.rates.kv, this.#random);
    if (delayMs > 0) await pause(delayMs);
    if (kind === "refuse") return respondJson(response, 500);
    const url = new URL(request.url ?? "/", "http://kv");
    const key = decodeURIComponent(url.pathname.slice(1));
    const entries = this.#entries(namespace);
    if (request.method === "PUT") {
      entries.set(key, { value, metadata: request.headers[METADATA]?.toString() });
    }
    if (request.method === "DELETE") entries.delete(key);
    if (kind === "drop") request.socket.destroy();
    else if (request.method !== "GET") respondJson(response, 200);
    else if (key === "") respondJson(response, 200, list(entries, url.searchParams.get("prefix") ?? ""));
    else respond(response, entries.get(key));
  }

  /** Every stored key, value and metadata, for the search for leaks. */
  contents(): string {
    return [...this.#namespaces.values()]
      .flatMap((entries) =>
        [...entries].map(([key, { value, metadata = "" }]) => `${key} ${value} ${metadata}`),
      )
      .join("\n");
  }

  #entries(namespace: string): Map<string, Entry> {
    const entries = this.#namespaces.get(namespace) ?? new Map();
    this.#namespaces.set(namespace, entries);
    return entries;
  }
}

function respond(response: ServerResponse, entry: Entry | undefined): void {
  const { value = "", metadata } = entry ?? {};
  response.setHeader("content-length", Buffer.byteLength(value));
  if (metadata !== undefined) response.setHeader(METADATA, metadata);
  response.writeHead(entry === undefined ? 404 : 200);
  response.end(value);
}

function list(entries: ReadonlyMap<string, Entry>, prefix: string) {
  const keys = [...entries]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { metadata }]) =>
      metadata === undefined ? { name } : { name, metadata: JSON.parse(metadata) },
    );
  return { keys, list_complete: true };
}
