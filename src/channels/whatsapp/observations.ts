import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";

/** What an isolate has seen of WhatsApp since it last told the shared object. Times in milliseconds since the epoch. */
export interface Observed {
  /** Meta's last handshake with the webhook's address. */
  readonly handshake: Handshake | null;
  /** The host that Meta's last handshake with the right token came to: a deployment may have several. */
  readonly webhookHost: WebhookHost | null;
  /** When a webhook last came with a right signature, and with a wrong one. */
  readonly rightSignatureAt: number | null;
  readonly wrongSignatureAt: number | null;
  /** When WhatsApp last accepted a message, and last reported one as sent. */
  readonly acceptedAt: number | null;
  readonly sentAt: number | null;
  /** Accepted messages that WhatsApp has said nothing of since. */
  readonly unreported: Unreported | null;
  /** When WhatsApp last reported on any message of ours. */
  readonly reportedAt: number | null;
  /** When a webhook last said that Meta's own agent answers in place of this app. */
  readonly standbyAt: number | null;
  /** The last update of the account that stopped its messages or resumed them. */
  readonly accountUpdate: AccountUpdateSeen | null;
  readonly errors: readonly ErrorSeen[];
  /** When a webhook was last about each of the team's senders, by Meta's id. */
  readonly heardAt: Readonly<Record<string, number>>;
}

export interface Handshake {
  readonly at: number;
  readonly tokenWasRight: boolean;
}

export interface WebhookHost {
  readonly host: string;
  readonly at: number;
}

export interface Unreported {
  readonly count: number;
  /** When the first of them was accepted. */
  readonly since: number;
}

export interface AccountUpdateSeen {
  /** Meta's name of the restriction, of the ban or of the event. */
  readonly type: string;
  readonly stopsMessages: boolean;
  /** When the restriction ends; null where Meta does not tell. */
  readonly until: number | null;
  readonly at: number;
}

/** An error that messages met within a day, by its code and the recipients' country. */
export interface ErrorSeen {
  readonly code: string;
  readonly country: string | null;
  readonly count: number;
  readonly at: number;
}

export const NOTHING_OBSERVED: Observed = {
  handshake: null,
  webhookHost: null,
  rightSignatureAt: null,
  wrongSignatureAt: null,
  acceptedAt: null,
  sentAt: null,
  unreported: null,
  reportedAt: null,
  standbyAt: null,
  accountUpdate: null,
  errors: [],
  heardAt: {},
};

/** Of more kinds than these within a day, the newest are kept. */
const MOST_ERRORS = 50;

/** How often an isolate tells the shared object what is no change, at most. */
const TELL_EVERY_MS = MINUTE_MS;

/**
 * Collects what the deployment's doctor asks about: a few fields in memory, which the exchange of circuits takes along.
 * No request waits for it.
 */
export class Observations {
  #observed: Observed = NOTHING_OBSERVED;
  /** What the last exchange took: a later observation that says the opposite is told at once. */
  #told: Pick<Observed, "handshake" | "rightSignatureAt" | "wrongSignatureAt"> = NOTHING_OBSERVED;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** What no exchange has taken yet. */
  get untold(): Observed {
    return this.#observed;
  }

  recordHandshake(tokenWasRight: boolean, at: number, host: string): void {
    this.#add({ handshake: { at, tokenWasRight } });
    if (tokenWasRight) this.#add({ webhookHost: { host, at } });
  }

  recordSignature(isRight: boolean, at: number): void {
    this.#add(isRight ? { rightSignatureAt: at } : { wrongSignatureAt: at });
  }

  recordAccepted(at: number): void {
    const { unreported } = this.#observed;
    const isNew = unreported === null;
    this.#add({
      acceptedAt: at,
      unreported: isNew ? { count: 1, since: at } : { count: unreported.count + 1, since: unreported.since },
    });
  }

  /** @param at when the webhook came, by our clock */
  recordReport(status: string, at: number): void {
    const sentAt = status === "sent" ? at : this.#observed.sentAt;
    this.#add({ reportedAt: at, sentAt, unreported: null });
  }

  recordStandby(at: number): void {
    this.#add({ standbyAt: at });
  }

  recordHeard(sender: string, at: number): void {
    this.#add({ heardAt: laterOfEach(this.#observed.heardAt, { [sender]: at }) });
  }

  recordAccountUpdate(update: AccountUpdateSeen): void {
    this.#add({ accountUpdate: update });
  }

  recordError(code: string, country: string | null, at: number): void {
    this.#add({ errors: addErrors(this.#observed.errors, [{ code, country, count: 1, at }], at) });
  }

  /** Whether the shared object should hear now: a minute has passed, or something is the opposite of what it heard. */
  isDue(now: number): boolean {
    if (this.#observed === NOTHING_OBSERVED) return false;
    return now - this.#toldAt >= TELL_EVERY_MS || this.#isOpposite();
  }

  /** Hands over what is due; null where nothing is. */
  take(now: number): Observed | null {
    if (!this.isDue(now)) return null;
    const observed = this.#observed;
    const { handshake, rightSignatureAt, wrongSignatureAt } = observed;
    this.#observed = NOTHING_OBSERVED;
    this.#told = { handshake: handshake ?? this.#told.handshake, rightSignatureAt, wrongSignatureAt };
    this.#toldAt = now;
    return observed;
  }

  /** Takes back what could not be told. */
  giveBack(observed: Observed): void {
    this.#observed = merge(observed, this.#observed);
    this.#told = NOTHING_OBSERVED;
  }

  /** A right one after a wrong one. The reverse waits for its minute, since anyone can send a wrong one. */
  #isOpposite(): boolean {
    const { handshake, rightSignatureAt } = this.#observed;
    const wasWrong = this.#told.handshake?.tokenWasRight === false;
    const lastWasWrong = this.#told.wrongSignatureAt !== null && this.#told.rightSignatureAt === null;
    return (wasWrong && handshake?.tokenWasRight === true) || (lastWasWrong && rightSignatureAt !== null);
  }

  #add(more: Partial<Observed>): void {
    this.#observed = Object.assign({}, this.#observed, more);
  }
}

/** What is known once an isolate's observations join those of the others, which may be older or newer. */
export function merge(known: Observed, more: Observed): Observed {
  const reportedAt = latest(known.reportedAt, more.reportedAt);
  return {
    handshake: latestOf(known.handshake, more.handshake),
    webhookHost: latestOf(known.webhookHost, more.webhookHost),
    rightSignatureAt: latest(known.rightSignatureAt, more.rightSignatureAt),
    wrongSignatureAt: latest(known.wrongSignatureAt, more.wrongSignatureAt),
    acceptedAt: latest(known.acceptedAt, more.acceptedAt),
    sentAt: latest(known.sentAt, more.sentAt),
    unreported: addUnreported(known.unreported, more.unreported, reportedAt),
    reportedAt,
    standbyAt: latest(known.standbyAt, more.standbyAt),
    accountUpdate: latestOf(known.accountUpdate, more.accountUpdate),
    errors: addErrors(known.errors, more.errors, Math.max(0, ...more.errors.map(({ at }) => at))),
    heardAt: laterOfEach(known.heardAt, more.heardAt),
  };
}

type Times = Readonly<Record<string, number>>;

function laterOfEach(a: Times, b: Times): Times {
  const later = Object.entries(b).map(([name, at]) => [name, Math.max(at, a[name] ?? 0)]);
  return Object.assign({}, a, Object.fromEntries(later)) as Times;
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function latestOf<Seen extends { readonly at: number }>(a: Seen | null, b: Seen | null): Seen | null {
  return a === null || b === null ? (a ?? b) : b.at >= a.at ? b : a;
}

/** Statuses come to any isolate: one that is newer than the first accepted message ends the silence. */
function addUnreported(
  a: Unreported | null,
  b: Unreported | null,
  reportedAt: number | null,
): Unreported | null {
  const silent = [a, b].filter(
    (one) => one !== null && one.since > (reportedAt ?? 0),
  ) as readonly Unreported[];
  if (silent.length === 0) return null;
  const count = silent.reduce((total, one) => total + one.count, 0);
  return { count, since: Math.min(...silent.map(({ since }) => since)) };
}

function addErrors(
  known: readonly ErrorSeen[],
  more: readonly ErrorSeen[],
  now: number,
): readonly ErrorSeen[] {
  if (more.length === 0) return known;
  const byKind = Map.groupBy([...known, ...more], ({ code, country }) => `${code} ${country ?? ""}`);
  return [...byKind.values()]
    .flatMap((same) => {
      const recent = same.filter(({ at }) => at > now - DAY_MS);
      const [first] = recent;
      if (first === undefined) return [];
      const count = recent.reduce((total, one) => total + one.count, 0);
      return [
        { code: first.code, country: first.country, count, at: Math.max(...recent.map(({ at }) => at)) },
      ];
    })
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MOST_ERRORS);
}
