import type { AppScope } from "../ids/app-name.ts";
import { ownerOf, type VerificationId } from "../ids/verification-id.ts";
import type { RedeemOutcome } from "../phone-number/decisions/redeem.ts";
import type { PhoneNumber } from "../phone-number/phone-number.ts";
import { repeatOnce } from "../platform/platform-fault.ts";

/** Exchanges approvals for tokens. The object of the number decides, as it does about codes. */
export class Redemptions {
  readonly #phoneNumbers: DurableObjectNamespace<PhoneNumber>;

  constructor(phoneNumbers: DurableObjectNamespace<PhoneNumber>) {
    this.#phoneNumbers = phoneNumbers;
  }

  /**
   * Redeems an approval, once; null where it was redeemed before, or there is none in reach. A second attempt ends what the
   * first one got.
   */
  async redeem(id: VerificationId, scope: AppScope): Promise<RedeemOutcome> {
    const command = { id, scope, redemptionId: crypto.randomUUID() };
    return repeatOnce(() => this.#phoneNumbers.getByName(ownerOf(id)).redeem(command));
  }

  /** Reads a verification whose approval was redeemed once and not again; null for any other. */
  async introduce(id: VerificationId, scope: AppScope): Promise<RedeemOutcome> {
    return repeatOnce(() => this.#phoneNumbers.getByName(ownerOf(id)).introduce(id, scope));
  }
}
