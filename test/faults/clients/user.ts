import type { Random } from "../../world/random.ts";
import type { Environment } from "../environment/environment.ts";
import type { Purpose } from "../environment/settings.ts";
import type { App, RequestKind, SentMessage, VerificationView } from "../history.ts";
import { type Country, type Person, personAt } from "../people.ts";
import { CODE_MARK, CUSTOM_CODE_LENGTH } from "../secrets.ts";
import { Api, type Bind } from "./api.ts";
import { type Access, Client, OPERATOR } from "./client.ts";
import {
  accountWebhook,
  type ForeignStatus,
  foreignWebhook,
  ORIGINS,
  type Origin,
} from "./foreign-webhooks.ts";
import { forgeWebhook } from "./forged-webhooks.ts";
import { sendInvalidRequest } from "./invalid-requests.ts";
import { requestWithoutAccess, type Target } from "./unauthorized-requests.ts";

const CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/** The share of calls with an app's own key; the operator makes the others, also while keys cannot be read. */
const SHARE_WITH_KEY = 0.3;

/** A pending verification, as the app that started it knows it. */
export interface Pending {
  readonly id: string;
  readonly app: App;
  readonly session: string | undefined;
  readonly purpose: Purpose;
  /** The code that the app supplied; null when the Worker generated it. */
  readonly customCode: string | null;
  readonly bind: Bind | undefined;
}

/** A person with a phone, the apps that verify its number, and the attackers who target it. */
export class User {
  readonly number: string;
  readonly random: Random;
  readonly client: Client;
  readonly #environment: Environment;
  /** The index of the person. */
  readonly place: number;
  readonly #person: Person;
  /** Whether the phone sends read receipts. */
  readonly #sendsReadReceipts: boolean;

  constructor(environment: Environment, place: number, random: Random, country?: Country) {
    [this.#environment, this.place, this.random] = [environment, place, random];
    this.#person = personAt(place, country);
    this.number = this.#person.number;
    this.client = new Client(environment.services.connection, environment.services.history);
    this.#sendsReadReceipts = random.chance(0.5);
  }

  /** A person of another country. */
  from(country: Country): User {
    return new User(this.#environment, this.place, this.random, country);
  }

  /** The spellings of the number, today's first. */
  get spellings(): readonly string[] {
    return this.#person.dialled;
  }

  /** The API, as the backend of an app calls it. */
  api(app: App = "default", kind?: RequestKind): Api {
    return new Api(this.client, this.number, this.#access(app), kind);
  }

  /** The API, as an operator calls it. */
  get operator(): Api {
    return new Api(this.client, this.number, OPERATOR);
  }

  /** A spelling in which an app may have the number. */
  spell(): string {
    return this.random.pick(this.#person.dialled);
  }

  /** The verification of a response; without a response, the pending one of the same round that the list shows. */
  async findPending(
    app: App,
    round: string,
    shown: VerificationView | undefined,
  ): Promise<VerificationView | undefined> {
    if (shown !== undefined) return shown;
    const { shown: known } = await this.api(app).list();
    return known.find((view) => view.metadata.round === round && view.status === "pending");
  }

  newCode(): string {
    return CODE_MARK + this.random.text(CODE_ALPHABET, CUSTOM_CODE_LENGTH - CODE_MARK.length);
  }

  /** The right code; null while a generated code has not reached the phone. */
  codeOf({ id, customCode }: Pending): string | null {
    return customCode ?? this.newestMessage(id)?.code ?? null;
  }

  /** A code that was never sent, usually of the same format as the right one. */
  wrongCode(pending: Pending): string {
    if (pending.customCode !== null || this.random.chance(0.3)) return this.newCode();
    const code = this.random.text("0123456789", 6);
    return code === this.codeOf(pending) ? this.newCode() : code;
  }

  check(pending: Pending, code: string, idempotencyKey?: string) {
    const { id, app, session, purpose, bind } = pending;
    return this.api(app).check({
      id: this.random.chance(0.85) ? id : null,
      to: this.spell(),
      session,
      purpose,
      code: this.random.chance(0.2) ? code.toLowerCase() : code,
      bind,
      idempotencyKey,
    });
  }

  /** The user reads the message, which WhatsApp learns only from a phone with read receipts. */
  async read({ id }: Pick<Pending, "id">): Promise<void> {
    const message = this.newestMessage(id);
    if (message !== undefined && this.#sendsReadReceipts)
      await this.#environment.services.provider.markRead(message);
  }

  async deny({ id }: Pick<Pending, "id">): Promise<void> {
    const message = this.newestMessage(id);
    if (message !== undefined) await this.#environment.services.provider.deny(message);
  }

  /** Posts an earlier webhook again. */
  async replay(): Promise<void> {
    const { webhooks } = this.#environment.services;
    const [first, ...more] = webhooks.knownOf(this.number);
    if (first !== undefined) await webhooks.post(this.random.pick([first, ...more]));
  }

  /** Posts a webhook with an invalid signature. */
  async postForgedWebhook({ id }: Pick<Pending, "id">): Promise<void> {
    const { webhooks } = this.#environment.services;
    const message = this.newestMessage(id);
    if (message === undefined || message.channel !== "whatsapp") return;
    // A status that the phone itself never reports, so that applying the forgery shows.
    const unreported = this.#sendsReadReceipts ? "failed" : "read";
    const status = this.random.pick([unreported, "failed", "denied"] as const);
    const genuine = webhooks.knownOf(this.number).at(0);
    await webhooks.post(forgeWebhook(message, status, genuine, this.random), "forged");
  }

  /** Posts a webhook of Meta about the person of a message that must not change it. */
  async postForeignWebhook(
    { id }: Pick<Pending, "id">,
    origin: Origin,
    status: ForeignStatus,
    namesMessage: boolean,
  ): Promise<void> {
    const message = this.newestMessage(id);
    if (message === undefined || message.channel !== "whatsapp") return;
    const unknownId = `wamid.foreign${this.random.text("0123456789", 12)}`;
    const webhook = foreignWebhook(message, { origin, status, unknownId, namesMessage });
    const kind = origin === "unknown_message" ? "stray" : "foreign";
    await this.#environment.services.webhooks.post(webhook, kind);
  }

  /** Posts such a webhook of any kind. */
  async postAnyForeignWebhook(pending: Pick<Pending, "id">): Promise<void> {
    const { random } = this;
    // A status that the phone itself never reports, so that applying the webhook shows.
    const unreported = this.#sendsReadReceipts ? "failed" : "read";
    const status = random.pick<ForeignStatus>([unreported, "failed", "denied"]);
    await this.postForeignWebhook(pending, random.pick(ORIGINS), status, random.chance(0.5));
  }

  /** Posts an account update that must stop nothing. */
  async postAccountUpdate(origin: "other_account" | "days_ago"): Promise<void> {
    const kind = origin === "days_ago" ? "stray" : "foreign";
    await this.#environment.services.webhooks.post(accountWebhook(origin), kind);
  }

  async requestWithoutAccess(pending: Pending): Promise<void> {
    const { unscoped } = this.#environment.services.keys;
    await requestWithoutAccess(this.client, unscoped, this.#target(pending), this.random);
  }

  async sendInvalidRequest(pending: Pending): Promise<void> {
    await sendInvalidRequest(this.client, this.#target(pending), this.random);
  }

  /** The newest message of a verification on the phone. */
  newestMessage(id: string): SentMessage | undefined {
    return this.#environment.services.provider.newest(this.number, id);
  }

  #access(app: App): Access {
    const { keys } = this.#environment.services;
    const authorization = this.random.chance(SHARE_WITH_KEY)
      ? `Bearer ${keys.of[app]}`
      : OPERATOR.authorization;
    return { app, authorization };
  }

  #target(pending: Pending): Target {
    return { number: this.number, id: pending.id, code: this.codeOf(pending) ?? this.newCode() };
  }
}
