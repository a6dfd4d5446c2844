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
  accountHistory?: AccountHistory;
}

/** What Meta remembers of the number besides its settings. Times are in milliseconds since the epoch. */
export interface AccountHistory {
  /** Of registrations, failed ones included, and deregistrations. */
  registrations: number[];
  deregisteredMs: number | null;
  wrongPins: number;
  /** Of changes of the display name. */
  displayNames: number[];
  activities: Activity[];
}

export interface Activity {
  activity_type: string;
  timestamp: number;
}

const NO_HISTORY: AccountHistory = {
  registrations: [],
  deregisteredMs: null,
  wrongPins: 0,
  displayNames: [],
  activities: [],
};

/**
 * App, token, WhatsApp account and number as they are set at Meta. Only what differs from a healthy account is kept,
 * so that a saved state follows a changed port or secret of the deployment.
 */
export class MetaAccount {
  readonly #healthy: AccountSettings;
  readonly #onChange: () => void;
  #patch: AccountPatch;
  #settings: AccountSettings;
  #history: AccountHistory;

  constructor(options: AccountOptions, state: AccountState | undefined, onChange: () => void) {
    this.#healthy = healthyAccount(options);
    this.#patch = state?.account ?? {};
    this.#settings = accountSchema.parse(merged(this.#healthy, this.#patch));
    this.#history = state?.accountHistory ?? NO_HISTORY;
    this.#onChange = onChange;
  }

  get settings(): AccountSettings {
    return this.#settings;
  }

  get history(): AccountHistory {
    return this.#history;
  }

  state(): AccountState {
    return { account: this.#patch, accountHistory: this.#history };
  }

  remember(part: Partial<AccountHistory>): void {
    this.#history = { ...this.#history, ...part };
    this.#onChange();
  }

  /** Adds to the account's activities. */
  record(activity_type: string, nowMs: number): void {
    const activity = { activity_type, timestamp: Math.floor(nowMs / 1000) };
    this.remember({ activities: [...this.#history.activities, activity] });
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
    this.#history = NO_HISTORY;
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
