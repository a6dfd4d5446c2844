import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody, respondJson } from "../../world/network.ts";
import type { Random } from "../../world/random.ts";
import type { App, History } from "../history.ts";
import { findLeaks } from "../secrets.ts";
import type { Faults } from "./fault-rates.ts";

/** The webhook endpoints of the apps, one path for each, which record events and refuse some of them. */
export class EventEndpoint {
  /** The signing secrets from the API: `whsec_` and base64. */
  readonly secrets = new Map<App, string>();
  readonly #history: History;
  readonly #faults: Faults;
  readonly #random: Random;

  constructor(history: History, faults: Faults, random: Random) {
    [this.#history, this.#faults, this.#random] = [history, faults, random];
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) return;
    this.#record(request.url === "/shop" ? "shop" : "default", request.headers, body);
    respondJson(response, this.#random.chance(this.#faults.rates.endpoint) ? 503 : 204);
  }

  #record(app: App, headers: IncomingMessage["headers"], body: string): void {
    const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) =>
      String(headers[`webhook-${name}`]),
    ) as [string, string, string];
    const key = Buffer.from((this.secrets.get(app) ?? "").replace("whsec_", ""), "base64");
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const { type } = JSON.parse(body) as { type: string };
    const known = this.#history.events.get(id);
    const event = known ?? { id, type, body, apps: new Set(), deliveries: 0, altered: 0, unsigned: 0 };
    event.apps.add(app);
    event.deliveries += 1;
    if (event.body !== body) event.altered += 1;
    if (!signatures.split(" ").includes(`v1,${mac}`)) event.unsigned += 1;
    if (known !== undefined) return;
    this.#history.events.set(id, event);
    this.#history.leaks.push(...findLeaks(body, `event ${id}`, ["code"]));
  }
}
