import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Subscriber } from "../numbering/subscriber.ts";
import type { NumberHistory } from "../phone-number/decisions/join.ts";
import type { PhoneNumber } from "../phone-number/phone-number.ts";
import type { Background } from "../platform/async.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { DAY_MS } from "../platform/time.ts";
import type { Contact } from "./contact.ts";
import type { ConsentState } from "./contact-state.ts";

interface Dependencies {
  readonly phoneNumbers: DurableObjectNamespace<PhoneNumber>;
  readonly contacts: DurableObjectNamespace<Contact>;
  readonly keyring: Keyring;
  readonly background: Background;
}

/** How many pairs an isolate remembers, and for how long, so that it does not record the same one with each send. */
const MOST_RECENT = 1_000;
const RECENT_MS = DAY_MS;

/** A user who writes while their consent moves makes it change; it does so once or twice at most. */
const MOST_TRIES = 3;

/**
 * Learns from the answers to sends which numbers are one person: WhatsApp names the account that it found behind a
 * dialled number. Most differences follow a rule of numbering and need no learning. For the others the object of the
 * account's number gets a pointer to that of the dialled one, so that what the user writes reaches it.
 */
export class LearnedRecipients {
  readonly #deps: Dependencies;
  readonly #recent = new Map<PhoneNumberName, { readonly of: PhoneNumberName; readonly at: number }>();

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** WhatsApp has delivered to this account what was sent to the dialled number. Recorded in the background. */
  learn(dialled: E164, account: Subscriber): void {
    const { keyring, background } = this.#deps;
    const [target] = namesOf(keyring, dialled);
    const [source] = namesOf(keyring, account);
    const recent = this.#recent.get(source);
    const isRecent = recent?.of === target && Date.now() < recent.at + RECENT_MS;
    if (source === target || isRecent) return;
    if (this.#recent.size >= MOST_RECENT) this.#recent.clear();
    this.#recent.set(source, { of: target, at: Date.now() });
    background(
      Promise.all([this.#pointNumber(source, target), this.#pointContact(source, target)]).catch((error) => {
        this.#recent.delete(source);
        log("warn", "A learned number could not be recorded", { error: String(error) });
      }),
    );
  }

  /** The history is joined before the pointer is set, so that a crash in between loses no failure, lock or denial. */
  async #pointNumber(source: PhoneNumberName, target: PhoneNumberName): Promise<void> {
    const { phoneNumbers } = this.#deps;
    const [here, there] = [phoneNumbers.getByName(source), phoneNumbers.getByName(target)];
    // Two objects that point at each other would lose the person between them.
    if ((await there.pointer()) !== null) return;
    if ((await here.pointer()) === null) await there.join(await here.history());
    const sinceThen: NumberHistory | null = await here.pointTo(target);
    if (sinceThen !== null) await there.join(sinceThen);
  }

  /** The consent is joined before the pointer is set, so that a crash in between loses no opt-out. */
  async #pointContact(source: PhoneNumberName, target: PhoneNumberName): Promise<void> {
    const { contacts } = this.#deps;
    if ((await contacts.getByName(target).pointer()) !== null) return;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const consent: ConsentState = await contacts.getByName(source).consent();
      await contacts.getByName(target).join(consent);
      if (await contacts.getByName(source).pointTo(target, consent)) return;
    }
  }
}
