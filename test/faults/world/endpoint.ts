import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { History } from "../history.ts";
import type { Random } from "../random.ts";
import { findLeaks } from "../secrets.ts";
import { answer, bodyOf } from "./listen.ts";
import type { Sky } from "./weather.ts";

/** The team's own system: takes events, and now and then fails to. */
export class Endpoint {
  /** As the API gave it: `whsec_` and base64. */
  secret = "";
  readonly #history: History;
  readonly #sky: Sky;
  readonly #random: Random;

  constructor(history: History, sky: Sky, random: Random) {
    [this.#history, this.#sky, this.#random] = [history, sky, random];
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === null) return;
    this.#record(request.headers, body);
    answer(response, this.#random.chance(this.#sky.weather.endpoint) ? 503 : 204);
  }

  #record(headers: IncomingMessage["headers"], body: string): void {
    const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) =>
      String(headers[`webhook-${name}`]),
    ) as [string, string, string];
    const key = Buffer.from(this.secret.replace("whsec_", ""), "base64");
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const { type } = JSON.parse(body) as { type: string };
    const known = this.#history.told.get(id);
    const told = known ?? { id, type, body, times: 0, altered: 0, unsigned: 0 };
    told.times += 1;
    if (told.body !== body) told.altered += 1;
    if (!signatures.split(" ").includes(`v1,${mac}`)) told.unsigned += 1;
    if (known !== undefined) return;
    this.#history.told.set(id, told);
    this.#history.leaks.push(...findLeaks(body, `event ${id}`, ["code"]));
  }
}
