import type { DestinationRange } from "../guard/budget/destination-range.ts";
import type { DeniedClients } from "../guard/clients/denied-clients.ts";
import type { Range } from "../guard/range.ts";
import { randomId } from "../ids/id.ts";
import type { AuditEntry, GuardLog } from "../journal/guard-log.ts";
import { type E164, maskNumber } from "../numbering/e164.ts";
import type { Verifications } from "../verification/verifications.ts";

/** Who requests an operator action, and why. */
export interface Grounds {
  /** The API key's id. */
  readonly actor: string;
  readonly reason: string;
}

interface Dependencies {
  readonly ranges: DurableObjectNamespace<DestinationRange>;
  readonly deniedClients: Pick<DeniedClients, "tagOf" | "unblock">;
  readonly verifications: Pick<Verifications, "unlock">;
  readonly log: GuardLog;
}

const ID_BYTES = 10;

/**
 * What an operator may undo. Each action is audited before it runs and again when it had an effect: who, when, why,
 * and whether there was anything to undo.
 */
export class Operator {
  readonly #deps: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** Opens a range that the budget has blocked. */
  async unblock(range: Range, grounds: Grounds): Promise<AuditEntry> {
    return this.#audited("unblock", range, grounds, async () => this.#deps.ranges.getByName(range).unblock());
  }

  /**
   * Ends the block of a network of users: its denials and wrong codes so far no longer count. The record has its keyed tag,
   * not the address.
   */
  async unblockNetwork(
    which: { readonly tag: string } | { readonly ip: string },
    grounds: Grounds,
  ): Promise<AuditEntry> {
    const network = "tag" in which ? which.tag : this.#deps.deniedClients.tagOf(which.ip);
    return this.#audited("unblock", `network ${network}`, grounds, () =>
      this.#deps.deniedClients.unblock(network),
    );
  }

  /** Unlocks a number: its wrong codes and denials so far no longer count. */
  async unlock(to: E164, grounds: Grounds): Promise<AuditEntry> {
    return this.#audited("unlock", maskNumber(to), grounds, () => this.#deps.verifications.unlock(to));
  }

  async #audited(
    action: AuditEntry["action"],
    target: string,
    grounds: Grounds,
    undo: () => Promise<boolean>,
  ): Promise<AuditEntry> {
    const id = randomId("aud_", ID_BYTES);
    const entry: AuditEntry = { id, createdAt: Date.now(), action, target, changed: false, ...grounds };
    await this.#deps.log.audit(entry);
    if (!(await undo())) return entry;
    const done = { ...entry, changed: true };
    await this.#deps.log.audit(done);
    return done;
  }
}
