import { DurableObject, waitUntil } from "cloudflare:workers";
import { log } from "../../platform/log.ts";
import { type PaceReport, SenderShares, type Share } from "./sender-shares.ts";
import type { Sender } from "./senders.ts";
import { Throughput } from "./throughput.ts";

/**
 * Hands out the shares of one sender's rate. In memory only: after a restart the next reports say all of it again, and
 * until then WhatsApp's own limit holds. No message waits for it.
 */
export class SenderPace extends DurableObject<Env> {
  readonly #shares = new SenderShares();

  report(report: PaceReport): Share {
    return this.#shares.report(report, Date.now());
  }
}

/** The senders' throughput in this isolate; shares are asked for in the background. */
export class SharedPace {
  readonly #namespace: DurableObjectNamespace<SenderPace>;
  readonly #throughput = new Map<string, Throughput>();
  #isolate: string | undefined;

  constructor(namespace: DurableObjectNamespace<SenderPace>) {
    this.#namespace = namespace;
  }

  of(sender: Sender): Throughput {
    const known = this.#throughput.get(sender.phoneNumberId);
    if (known !== undefined) return known;
    const throughput = new Throughput(sender);
    this.#throughput.set(sender.phoneNumberId, throughput);
    return throughput;
  }

  /** Called after each use of a sender. Runs in the background and does not delay the caller. */
  sync(sender: Sender): void {
    const throughput = this.of(sender);
    const report = throughput.ask(Date.now());
    if (report !== null) waitUntil(this.#ask(sender, throughput, report));
  }

  async #ask(
    { phoneNumberId }: Sender,
    throughput: Throughput,
    report: Omit<PaceReport, "isolate">,
  ): Promise<void> {
    this.#isolate ??= crypto.randomUUID();
    const { perSecond, codes, notifications, sent, refused } = report;
    let share: Share | null = null;
    try {
      const object = this.#namespace.getByName(phoneNumberId);
      const isolate = this.#isolate;
      share = await object.report({ isolate, perSecond, codes, notifications, sent, refused });
    } catch (error) {
      log("warn", "Sender pace sync failed", { error: String(error) });
    }
    throughput.onAnswer(share, Date.now());
  }
}
