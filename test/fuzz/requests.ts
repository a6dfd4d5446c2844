import type { Random } from "../world/random.ts";
import type { ApiDocument } from "./document.ts";
import { FORM, fromForm, toForm } from "./form.ts";
import { Calls } from "./generate/calls.ts";
import type { SignInRequests } from "./generate/sign-in.ts";
import { undocumentedRequest } from "./generate/undocumented.ts";
import { Values } from "./generate/values.ts";
import { handshake, toRequest, WebhookBodies } from "./generate/webhooks.ts";
import { mutateBytes } from "./mutate/bytes.ts";
import { mutateHead } from "./mutate/head.ts";
import { mutateValue, serialise } from "./mutate/json.ts";
import type { Pool } from "./pool.ts";
import type { FuzzRequest } from "./request.ts";

/** Draws requests: some are valid, the others are mutated once or several times. */
export class Requests {
  readonly #random: Random;
  readonly #pool: Pool;
  readonly #calls: Calls;
  readonly #webhooks: WebhookBodies;
  readonly #signIns: SignInRequests;

  constructor(document: ApiDocument, random: Random, pool: Pool, signIns: SignInRequests) {
    [this.#random, this.#pool, this.#signIns] = [random, pool, signIns];
    this.#calls = new Calls(document, random, pool, new Values(document, random, pool));
    this.#webhooks = new WebhookBodies(random, pool);
  }

  next(): FuzzRequest {
    const random = this.#random;
    const dice = random.next();
    if (dice < 0.2) return this.#webhook();
    if (dice < 0.22) return this.#mutateHead(handshake(random));
    if (dice < 0.3) return this.#mutateHead(undocumentedRequest(random, this.#pool));
    if (dice < 0.4) return this.#mutateSeldom(this.#signIns.make());
    const call = this.#calls.make();
    return random.chance(0.5) ? call : this.#mutate(call);
  }

  /** Mutates the body before it is signed, so that it passes the signature check. */
  #webhook(): FuzzRequest {
    const random = this.#random;
    const { kind, value } = this.#webhooks.make();
    let body = serialise(random.chance(0.4) ? mutateValue(value, random) : value);
    if (random.chance(0.15)) body = mutateBytes(body, random);
    const isRight = random.chance(0.8);
    const request = toRequest(kind, isRight ? withHarmlessCodes(body) : body, isRight, random);
    return random.chance(0.1) ? mutateHead(request, random) : request;
  }

  #mutate(call: FuzzRequest): FuzzRequest {
    const random = this.#random;
    let request = call;
    for (let left = 1 + random.below(2); left > 0; left -= 1) {
      const { body } = request;
      const dice = random.next();
      if (body === null || dice < 0.3) request = mutateHead(request, random);
      else if (dice < 0.75) request = { ...request, body: mutated(body, request, random) };
      else request = { ...request, body: mutateBytes(body, random) };
    }
    return request;
  }

  /** The sign-in has changed its parameters by itself. */
  #mutateSeldom(request: FuzzRequest): FuzzRequest {
    return this.#random.chance(0.1) ? this.#mutate(request) : request;
  }

  #mutateHead(request: FuzzRequest): FuzzRequest {
    return this.#random.chance(0.5) ? mutateHead(request, this.#random) : request;
  }
}

function mutated(body: Buffer, { headers }: FuzzRequest, random: Random): Buffer {
  const isForm = headers.some(([name, value]) => name === "content-type" && value === FORM);
  if (isForm) return toForm(mutateValue(fromForm(body), random));
  try {
    return serialise(mutateValue(JSON.parse(body.toString()), random));
  } catch {
    // A previous mutation has made the body invalid JSON.
    return mutateBytes(body, random);
  }
}

/** An account-wide error would open the circuit breaker for all requests, after which a 503 is correct. */
function withHarmlessCodes(body: Buffer): Buffer {
  if (!body.includes('"code"')) return body;
  const text = body.toString("latin1").replaceAll(/"code":-?[\d.eE+]+/g, '"code":131026');
  return Buffer.from(text, "latin1");
}
