import type { DestinationRange } from "../guard/budget/destination-range.ts";
import type { DeniedClients } from "../guard/clients/denied-clients.ts";
import type { Range } from "../guard/range.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Verifications } from "../verification/verifications.ts";

interface Dependencies {
  readonly ranges: DurableObjectNamespace<DestinationRange>;
  readonly deniedClients: Pick<DeniedClients, "tagOf" | "unblock">;
  readonly verifications: Pick<Verifications, "unlock">;
}

/** What an operator may undo. Each answers whether there was anything to undo. */
export class Operator {
  readonly #deps: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** Opens a range that the budget has blocked. */
  async unblock(range: Range): Promise<boolean> {
    return this.#deps.ranges.getByName(range).unblock();
  }

  /** Ends the block of a network of users: its denials and wrong codes so far no longer count. */
  async unblockNetwork(tag: string): Promise<boolean> {
    return this.#deps.deniedClients.unblock(tag);
  }

  /** The keyed tag of the network that an address is in. */
  networkOf(ip: string): string {
    return this.#deps.deniedClients.tagOf(ip);
  }

  /** Unlocks a number: its wrong codes and denials so far no longer count. */
  async unlock(to: E164): Promise<boolean> {
    return this.#deps.verifications.unlock(to);
  }
}
