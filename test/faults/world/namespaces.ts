import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../random.ts";
import { answer, bodyOf } from "./listen.ts";
import { fateOf, type Sky } from "./weather.ts";

interface Entry {
  readonly value: string;
  readonly metadata: string | undefined;
}

const METADATA = "cf-kv-metadata";

/** KV's side of the protocol that workerd's binding speaks, as far as the Worker uses it: no expiry, no bulk reads. */
export class Namespaces {
  readonly #spaces = new Map<string, Map<string, Entry>>();
  readonly #sky: Sky;
  readonly #random: Random;

  constructor(sky: Sky, random: Random) {
    [this.#sky, this.#random] = [sky, random];
  }

  async serve(request: IncomingMessage, response: ServerResponse, space: string): Promise<void> {
    const value = await bodyOf(request);
    if (value === null) return;
    const { kind, delayMs } = fateOf(this.#sky.weather.kv, this.#random);
    if (delayMs > 0) await pause(delayMs);
    if (kind === "refuse") return answer(response, 500);
    const url = new URL(request.url ?? "/", "http://kv");
    const key = decodeURIComponent(url.pathname.slice(1));
    const entries = this.#space(space);
    if (request.method === "PUT") {
      entries.set(key, { value, metadata: request.headers[METADATA]?.toString() });
    }
    if (request.method === "DELETE") entries.delete(key);
    if (kind === "forget") request.socket.destroy();
    else if (request.method !== "GET") answer(response, 200);
    else if (key === "") answer(response, 200, list(entries, url.searchParams.get("prefix") ?? ""));
    else respond(response, entries.get(key));
  }

  /** Everything that is stored, for whoever looks for what must not be. */
  contents(): string {
    return [...this.#spaces.values()]
      .flatMap((space) => [...space].map(([key, { value, metadata = "" }]) => `${key} ${value} ${metadata}`))
      .join("\n");
  }

  #space(name: string): Map<string, Entry> {
    const space = this.#spaces.get(name) ?? new Map();
    this.#spaces.set(name, space);
    return space;
  }
}

function respond(response: ServerResponse, entry: Entry | undefined): void {
  const { value = "", metadata } = entry ?? {};
  response.writeHead(entry === undefined ? 404 : 200, {
    "content-length": Buffer.byteLength(value),
    ...(metadata !== undefined && { [METADATA]: metadata }),
  });
  response.end(value);
}

function list(entries: ReadonlyMap<string, Entry>, prefix: string) {
  const keys = [...entries].flatMap(([name, { metadata }]) => {
    if (!name.startsWith(prefix)) return [];
    return [{ name, ...(metadata !== undefined && { metadata: JSON.parse(metadata) }) }];
  });
  return { keys, list_complete: true };
}
