import { createHash } from "node:crypto";
import type { Policy } from "../../phone-number/policy.ts";

/** A purpose, as Twilio's clients see it. */
export interface Service {
  /** As the path spells it. */
  readonly sid: string;
  readonly purpose: string;
  readonly policy: Policy;
}

/** A Verify service is a purpose. It is found by its name, by a SID derived from that, and by the SIDs in the settings. */
export class Services {
  readonly #policies: ReadonlyMap<string, Policy>;
  readonly #purposes: ReadonlyMap<string, string>;
  readonly #sids: ReadonlyMap<string, string>;

  /** @param configured Purposes by the SIDs that the team's code has from Twilio. */
  constructor(policies: ReadonlyMap<string, Policy>, configured: ReadonlyMap<string, string>) {
    const names = [...policies.keys()];
    const derived = names.map((purpose) => [derivedSid(purpose), purpose] as const);
    this.#policies = policies;
    this.#purposes = new Map([...names.map((name) => [name, name] as const), ...derived, ...configured]);
    this.#sids = new Map([...derived, ...[...configured].reverse()].map(([sid, purpose]) => [purpose, sid]));
  }

  /** The service that a path names; null where the deployment has no such purpose. */
  find(sid: string): Service | null {
    const purpose = this.#purposes.get(sid);
    const policy = purpose === undefined ? undefined : this.#policies.get(purpose);
    return purpose === undefined || policy === undefined ? null : { sid, purpose, policy };
  }

  /** The SID of a purpose: the first configured one, else the derived one. */
  sidOf(purpose: string): string {
    return this.#sids.get(purpose) ?? derivedSid(purpose);
  }

  /** Every service, by the SID that {@link sidOf} returns. */
  list(): readonly Service[] {
    return [...this.#policies].map(([purpose, policy]) => ({ sid: this.sidOf(purpose), purpose, policy }));
  }
}

function derivedSid(purpose: string): string {
  return `VA${hexDigest(`sandi service ${purpose}`)}`;
}

/** 128 bits of a SHA-256, in hexadecimal, as SIDs have them. */
export function hexDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
