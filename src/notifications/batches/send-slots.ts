import type { WhatsAppHealth } from "../../channels/whatsapp/health.ts";
import type { NotificationSlotRequest, SendSlot } from "../../channels/whatsapp/rate-limiter.ts";
import { rateOf, type Sender, sendersFor } from "../../channels/whatsapp/senders.ts";
import type { Keyring } from "../../platform/keyring.ts";
import type { NotificationContent, NotificationJob } from "../notification.ts";

/** How long a consumer holds a message for its slot; single notifications are held longer than batches. */
const BATCH_PATIENCE_MS = 5_000;
const SINGLE_PATIENCE_MS = 15_000;

interface Dependencies {
  readonly health: DurableObjectNamespace<WhatsAppHealth>;
  readonly senders: readonly Sender[];
  readonly keyring: Keyring;
}

/**
 * Reserves send slots for notifications at their senders' rate over all isolates: three quarters of each
 * sender's throughput. The rest is left to codes, which reserve nothing.
 */
export class SendSlots {
  readonly #deps: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** One call per queue batch. The slots are in the order of the jobs. */
  reserve(jobs: readonly NotificationJob[]): Promise<readonly SendSlot[]> {
    return this.#deps.health.getByName("whatsapp").reserve(jobs.map((job) => this.#request(job)));
  }

  #request(job: NotificationJob): NotificationSlotRequest {
    const senders = this.#sendersOf(job).map((sender) => ({
      phoneNumberId: sender.phoneNumberId,
      perSecond: rateOf(sender, "notification"),
    }));
    return { senders, patienceMs: job.batch === null ? SINGLE_PATIENCE_MS : BATCH_PATIENCE_MS };
  }

  #sendersOf({ id, sealed }: NotificationJob): readonly Sender[] {
    const { senders, keyring } = this.#deps;
    if (senders.length === 1) return senders;
    const { to }: NotificationContent = JSON.parse(keyring.open(sealed, id));
    return sendersFor(to, senders);
  }
}
