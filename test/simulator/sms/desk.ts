import type { BehaviourScript, Failure } from "../behaviour.ts";
import type { SmsMessage } from "../messages.ts";
import { pause } from "../pause.ts";
import type { Store } from "../store.ts";
import { codeIn } from "./code.ts";

interface DeskOptions {
  store: Store;
  behaviour: BehaviourScript;
  now: () => number;
  /** Called with each accepted message, before the response. */
  onAccepted: (message: SmsMessage) => void;
}

/** An SMS that a gateway accepts. */
export type AcceptedSms = Pick<
  SmsMessage,
  "id" | "gateway" | "from" | "to" | "text" | "callback_data" | "callback_url"
>;

/** Records accepted messages and applies the behaviour that a test sets. */
export class SmsDesk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  get nowMs(): number {
    return this.#options.now();
  }

  /** Waits for the delay of a send. @returns its failure, or null */
  async nextFailure(signal: AbortSignal): Promise<Failure | null> {
    const { behaviour } = this.#options;
    const failure = behaviour.nextFailure("sms");
    if (behaviour.current.latency_ms > 0) await pause(behaviour.current.latency_ms, signal);
    return failure;
  }

  /** The message that a gateway accepted under a reference, for gateways that detect repeats. */
  withReference(gateway: SmsMessage["gateway"], reference: string): SmsMessage | undefined {
    return this.#options.store
      .messages()
      .filter((message) => message.channel === "sms")
      .find((message) => message.gateway === gateway && message.callback_data === reference);
  }

  accept(sms: AcceptedSms): void {
    const message: SmsMessage = {
      channel: "sms",
      template: null,
      language: null,
      code: codeIn(sms.text),
      ...sms,
      status: "accepted",
      error: null,
      created_at: new Date(this.nowMs).toISOString(),
    };
    this.#options.store.putMessage(message);
    this.#options.onAccepted(message);
  }
}

/** Random hex digits, for ids. */
export function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
