import type { Background } from "../../platform/async.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import { log } from "../../platform/log.ts";
import { HOUR_MS, MINUTE_MS } from "../../platform/time.ts";
import type { WhatsAppClient } from "./client.ts";
import type { WhatsAppHealth } from "./health.ts";
import { BADGE, type KeptProfiles, NUMBERS, NUMBERS_FIELDS, type SenderProfile } from "./sender-profile.ts";
import type { Sender } from "./senders.ts";

/** Profiles are kept that long; a webhook about a number or the account ends it early. */
const FRESH_MS = HOUR_MS;

/** The states of a name in which WhatsApp shows it to users, instead of the number. */
const SHOWN_NAMES = ["APPROVED", "AVAILABLE_WITHOUT_REVIEW"];

export interface SenderProfilesOptions {
  readonly client: Pick<WhatsAppClient, "ask">;
  readonly health: DurableObjectNamespace<WhatsAppHealth>;
  readonly businessAccountId: string;
  readonly senders: readonly Sender[];
}

/** What Meta says of the team's senders, kept in the shared object. No start waits for it. */
export class SenderProfiles {
  readonly #options: SenderProfilesOptions;
  readonly #kept: IsolateCache<KeptProfiles | null>;

  constructor(options: SenderProfilesOptions) {
    this.#options = options;
    this.#kept = new IsolateCache(() => this.#refreshed(false), {
      freshMs: 10 * MINUTE_MS,
      retryMs: MINUTE_MS,
      fallback: { value: null, message: "The senders' profiles could not be read" },
    });
  }

  /**
   * The profiles, at most an hour old where Meta answers; null while it has never answered.
   *
   * @param isFresh asks Meta in any case
   */
  async list(isFresh: boolean): Promise<KeptProfiles | null> {
    const kept = await this.#refreshed(isFresh);
    this.#kept.set(kept);
    return kept;
  }

  /**
   * The verified name of a sender, where WhatsApp shows it, and whether it has the blue tick, from the isolate's memory.
   * What is not known yet is read in the background, for the next caller.
   */
  nameOf(phoneNumberId: string, background: Background): { name: string; isOfficial: boolean } | null {
    const kept = this.#known(background);
    const profile = kept?.profiles.find((one) => one.phoneNumberId === phoneNumberId);
    if (profile === undefined || profile.verifiedName === null) return null;
    if (!SHOWN_NAMES.includes(profile.nameStatus ?? "")) return null;
    return { name: profile.verifiedName, isOfficial: profile.isOfficial };
  }

  /** The next read asks Meta again: a webhook has said that something about the numbers is new. */
  async expire(): Promise<void> {
    this.#kept.expire();
    await this.#object().outdateProfiles();
  }

  #known(background: Background): KeptProfiles | null {
    const kept = this.#kept.get(background);
    if (!(kept instanceof Promise)) return kept;
    background(kept);
    return null;
  }

  async #refreshed(isFresh: boolean): Promise<KeptProfiles | null> {
    const kept = await this.#object().profiles();
    const isNew = kept !== null && !kept.isOutdated && Date.now() - kept.askedAt < FRESH_MS;
    if (isNew && !isFresh) return kept;
    const profiles = await this.#ask();
    if (profiles === null) return kept;
    const told = { profiles, askedAt: Date.now(), isOutdated: false };
    await this.#object().keepProfiles(told);
    return told;
  }

  async #ask(): Promise<readonly SenderProfile[] | null> {
    const { client, businessAccountId, senders } = this.#options;
    const [answer, badges] = await Promise.all([
      client.ask(NUMBERS, `${businessAccountId}/phone_numbers?fields=${NUMBERS_FIELDS}&limit=100`),
      Promise.all(senders.map(({ phoneNumberId }) => this.#badgeOf(phoneNumberId))),
    ]);
    if (answer === null) return null;
    return senders.map(({ phoneNumberId }, index) => {
      const number = answer.data.find(({ id }) => id === phoneNumberId);
      if (number === undefined)
        log("warn", "A sender is not among the account's numbers", { ids: [phoneNumberId] });
      return {
        phoneNumberId,
        number: number?.display_phone_number ?? null,
        verifiedName: number?.verified_name ?? null,
        isOfficial: number?.is_official_business_account ?? false,
        badge: badges[index] ?? null,
        quality: number?.quality_rating ?? null,
        messagingLimit: number?.whatsapp_business_manager_messaging_limit ?? null,
        throughput: number?.throughput?.level ?? null,
        status: number?.status ?? null,
        nameStatus: number?.name_status ?? null,
      };
    });
  }

  /** Meta refuses the question for a number that has never asked for the tick. */
  async #badgeOf(phoneNumberId: string): Promise<SenderProfile["badge"]> {
    const path = `${phoneNumberId}/official_business_account?fields=oba_status,status_message`;
    const answer = await this.#options.client.ask(BADGE, path);
    return answer === null ? null : { status: answer.oba_status, message: answer.status_message };
  }

  #object() {
    return this.#options.health.getByName("whatsapp");
  }
}
