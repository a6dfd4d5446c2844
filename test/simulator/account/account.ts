import {
  type AccountOptions,
  type AccountPatch,
  type AccountSettings,
  accountSchema,
  healthyAccount,
  MESSAGING_LIMITS,
} from "./settings.ts";

/** What was changed of a healthy account, as JSON. */
export interface AccountState {
  /** Absent in files of older simulators. */
  account?: AccountPatch;
}

/**
 * App, token, WhatsApp account and number as they are set at Meta. Only what differs from a healthy account is kept,
 * so that a saved state follows a changed port or secret of the deployment.
 */
export class MetaAccount {
  readonly #healthy: AccountSettings;
  readonly #onChange: () => void;
  #patch: AccountPatch;
  #settings: AccountSettings;

  constructor(options: AccountOptions, state: AccountState | undefined, onChange: () => void) {
    this.#healthy = healthyAccount(options);
    this.#patch = state?.account ?? {};
    this.#settings = accountSchema.parse(merged(this.#healthy, this.#patch));
    this.#onChange = onChange;
  }

  get settings(): AccountSettings {
    return this.#settings;
  }

  state(): AccountState {
    return { account: this.#patch };
  }

  merge(part: AccountPatch): void {
    this.#patch = merged(this.#patch, part);
    this.#settings = accountSchema.parse(merged(this.#healthy, this.#patch));
    this.#onChange();
  }

  /** Resets to a healthy account without notifying listeners. */
  forget(): void {
    this.#patch = {};
    this.#settings = this.#healthy;
  }
}

/** The settings with a part of them changed. */
function merged(settings: AccountPatch, part: AccountPatch): AccountPatch {
  return {
    ...settings,
    ...part,
    webhook: { ...settings.webhook, ...part.webhook },
    override: { ...settings.override, ...part.override },
    token: { ...settings.token, ...part.token },
  };
}

/** Meta's condition for authentication templates: a verified business with a limit of 2,000 or more. */
export function mayHaveAuthenticationTemplates(settings: AccountSettings): boolean {
  const { verification, limit, account_mode } = settings;
  const reaches2000 = MESSAGING_LIMITS.indexOf(limit) >= MESSAGING_LIMITS.indexOf("TIER_2K");
  return account_mode === "LIVE" && verification === "verified" && reaches2000;
}
