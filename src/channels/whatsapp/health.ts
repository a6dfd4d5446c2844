import { DurableObject, waitUntil } from "cloudflare:workers";
import type { NoticeEvent } from "../../events/event.ts";
import { log } from "../../log.ts";
import type { CircuitChange, OpenCircuit } from "../circuits.ts";
import { Circuits } from "../circuits.ts";
import type { BroadError } from "./account-updates.ts";

export type OpenCircuits = Readonly<Record<string, OpenCircuit>>;

const CIRCUITS = "circuits";
const OUTBOX = "outbox";
const RETRY_MS = 15_000;

/**
 * What all isolates together know of the WhatsApp account: which circuits are open. One object, off every
 * request's path: isolates tell it what they find and ask it now and then.
 */
export class WhatsAppHealth extends DurableObject<Env> {
  read(): OpenCircuits {
    return this.ctx.storage.kv.get<OpenCircuits>(CIRCUITS) ?? {};
  }

  /** Takes in changes, and makes an event of each that is news. */
  report(changes: readonly CircuitChange[]): OpenCircuits {
    const before = this.read();
    const after = new Map(Object.entries(before));
    const events: NoticeEvent[] = [];
    for (const { key, open } of changes) {
      if ((open === null) !== (before[key] === undefined)) events.push(toEvent(key, open, before[key]));
      if (open === null) after.delete(key);
      else after.set(key, open);
    }
    const circuits = Object.fromEntries(after);
    this.ctx.storage.kv.put(CIRCUITS, circuits);
    if (events.length > 0) this.#announce([...this.#outbox(), ...events]);
    return circuits;
  }

  override async alarm(): Promise<void> {
    this.#announce(this.#outbox());
  }

  #outbox(): readonly NoticeEvent[] {
    return this.ctx.storage.kv.get<readonly NoticeEvent[]>(OUTBOX) ?? [];
  }

  /** Written before the queue has them and forgotten after: an event comes twice rather than never. */
  #announce(events: readonly NoticeEvent[]): void {
    if (events.length === 0) return;
    this.ctx.storage.kv.put(OUTBOX, events);
    const ids = new Set(events.map(({ id }) => id));
    const forget = () => {
      this.ctx.storage.kv.put(
        OUTBOX,
        this.#outbox().filter(({ id }) => !ids.has(id)),
      );
    };
    const tryAgain = (error: unknown) => {
      log("warn", "The queue did not take over", { count: events.length, error: String(error) });
      return this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    };
    this.ctx.waitUntil(this.env.EVENTS.sendBatch(events.map((body) => ({ body }))).then(forget, tryAgain));
  }
}

/** A circuit opens and closes as one thing; which of both, and when it opened, names the event. */
function toEvent(key: string, open: OpenCircuit | null, former: OpenCircuit | undefined): NoticeEvent {
  const { code, title, since, until } = open ?? former ?? { code: "", title: "", since: 0, until: 0 };
  const state = open === null ? "closed" : "open";
  return {
    ...{ kind: "notice", type: "sender.updated", at: open === null ? Date.now() : since },
    id: `evt_${state}_${since}_${key.replace(/\W/g, "_")}`,
    data: {
      circuit: key,
      state,
      error: { code, title },
      ...(open !== null && { until: new Date(until).toISOString() }),
    },
  };
}

/** How old an isolate's picture of the others' findings may become. */
const REFRESH_MS = 10_000;

/** An isolate's own circuits, kept in step with the object's in the background. */
export class SharedCircuits {
  readonly circuits: Circuits;
  readonly #namespace: DurableObjectNamespace<WhatsAppHealth>;
  #changes: CircuitChange[] = [];
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(namespace: DurableObjectNamespace<WhatsAppHealth>) {
    this.#namespace = namespace;
    this.circuits = new Circuits((change) => this.#changes.push(change));
  }

  /** To be called by whoever has used the circuits; costs the caller no time. */
  keepInStep(): void {
    const due = Date.now() - this.#refreshedAt >= REFRESH_MS;
    if (this.#changes.length > 0 || due) waitUntil(this.#exchange());
  }

  /** Opens a circuit for an error that came by webhook. */
  trip({ scope, phoneNumberId, error }: BroadError): void {
    if (scope === "account") this.circuits.trip("account", error, Date.now());
    else if (scope === "sender" && phoneNumberId !== null) {
      this.circuits.trip(`sender/${phoneNumberId}`, error, Date.now());
    }
    this.keepInStep();
  }

  /** What the object knows, for people to look at. */
  read(): Promise<OpenCircuits> {
    return this.#object().read();
  }

  async #exchange(): Promise<void> {
    this.#refreshedAt = Date.now();
    const changes = this.#changes;
    this.#changes = [];
    try {
      const open = await (changes.length > 0 ? this.#object().report(changes) : this.#object().read());
      this.circuits.adopt(open, Date.now());
    } catch (error) {
      // Without the others' findings an isolate goes by its own, and tells them later.
      this.#changes = [...changes, ...this.#changes];
      log("warn", "The senders' health could not be shared", { error: String(error) });
    }
  }

  #object() {
    return this.#namespace.getByName("whatsapp");
  }
}
