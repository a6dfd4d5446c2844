import type { Random } from "../../world/random.ts";
import type { Environment } from "../environment/environment.ts";
import type { Purpose } from "../environment/settings.ts";
import type { SentMessage, VerificationView } from "../history.ts";
import { CODE_MARK, CUSTOM_CODE_LENGTH, numberOf } from "../secrets.ts";
import { Api, type Bind } from "./api.ts";
import { Client } from "./client.ts";
import { forgeWebhook } from "./forged-webhooks.ts";
import { sendInvalidRequest } from "./invalid-requests.ts";
import { requestWithoutAccess, type Target } from "./unauthorized-requests.ts";

const CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** A verification under way, as the app that asked for it knows it. */
export interface Pending {
  readonly id: string;
  readonly purpose: Purpose;
  /** What the app brought; null where the Worker draws. */
  readonly customCode: string | null;
  readonly bind: Bind | undefined;
}

/** Somebody with a phone, the app that wants to know it, and whoever means them ill. */
export class User {
  readonly number: string;
  readonly api: Api;
  readonly random: Random;
  readonly client: Client;
  readonly #environment: Environment;
  /** Their phone tells when they have read something. */
  readonly #sendsReadReceipts: boolean;

  constructor(environment: Environment, place: number, random: Random) {
    [this.#environment, this.random, this.number] = [environment, random, numberOf(place)];
    this.client = new Client(environment.services.connection, environment.services.history);
    this.api = new Api(this.client, this.number);
    this.#sendsReadReceipts = random.chance(0.5);
  }

  /** The verification that an answer shows, or what is pending where no answer came. */
  async findPending(
    purpose: Purpose,
    shown: VerificationView | undefined,
  ): Promise<VerificationView | undefined> {
    if (shown !== undefined) return shown;
    const { shown: known } = await this.api.list();
    return known.find((one) => one.purpose === purpose && one.status === "pending");
  }

  newCode(): string {
    return CODE_MARK + this.random.text(CODE_ALPHABET, CUSTOM_CODE_LENGTH - CODE_MARK.length);
  }

  /** The right code as far as anybody outside can know: null until it is on the phone. */
  codeOf({ id, customCode }: Pending): string | null {
    return customCode ?? this.newestMessage(id)?.code ?? null;
  }

  /** One that nobody was ever sent; six digits where the right one has six. */
  wrongCode(pending: Pending): string {
    if (pending.customCode !== null || this.random.chance(0.3)) return this.newCode();
    const code = this.random.text("0123456789", 6);
    return code === this.codeOf(pending) ? this.newCode() : code;
  }

  check(pending: Pending, code: string, idempotencyKey?: string) {
    const { id, purpose, bind } = pending;
    return this.api.check({
      id: this.random.chance(0.85) ? id : null,
      purpose,
      code: this.random.chance(0.2) ? code.toLowerCase() : code,
      ...(bind && { bind }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  /** The user reads the message; only a phone that tells of it makes that known. */
  async read({ id }: Pending): Promise<void> {
    const messages = this.newestMessage(id);
    if (messages !== undefined && this.#sendsReadReceipts)
      await this.#environment.services.provider.markRead(messages);
  }

  async deny({ id }: Pending): Promise<void> {
    const messages = this.newestMessage(id);
    if (messages !== undefined) await this.#environment.services.provider.deny(messages);
  }

  /** A webhook of the past comes once more. */
  async replay(): Promise<void> {
    const { webhooks } = this.#environment.services;
    const [first, ...more] = webhooks.knownOf(this.number);
    if (first !== undefined) await webhooks.post(this.random.pick([first, ...more]));
  }

  /** Somebody pretends to be WhatsApp. */
  async beForged({ id }: Pending): Promise<void> {
    const { webhooks, provider } = this.#environment.services;
    const messages = this.newestMessage(id);
    if (messages === undefined || messages.channel !== "whatsapp") return;
    const events = this.#sendsReadReceipts ? "failed" : "read";
    const status = this.random.pick([events, "failed", "denied"] as const);
    const genuine = webhooks.knownOf(this.number).at(0);
    await webhooks.post(
      forgeWebhook(messages, provider.idOf(messages) ?? "", status, genuine, this.random),
      true,
    );
  }

  async requestWithoutAccess(pending: Pending): Promise<void> {
    await requestWithoutAccess(
      this.client,
      this.#environment.services.unscopedKey,
      this.#target(pending),
      this.random,
    );
  }

  async sendInvalidRequest(pending: Pending): Promise<void> {
    await sendInvalidRequest(this.client, this.#target(pending), this.random);
  }

  /** The newest message of a verification that reached the phone. */
  newestMessage(id: string): SentMessage | undefined {
    return this.#environment.services.provider.newest(this.number, id);
  }

  #target(pending: Pending): Target {
    return { number: this.number, id: pending.id, code: this.codeOf(pending) ?? this.newCode() };
  }
}
