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

/** A pending verification, as the app that started it knows it. */
export interface Pending {
  readonly id: string;
  readonly purpose: Purpose;
  /** The code that the app supplied; null when the Worker generated it. */
  readonly customCode: string | null;
  readonly bind: Bind | undefined;
}

/** A phone number with its user, the app that verifies it, and the attackers who target it. */
export class User {
  readonly number: string;
  readonly api: Api;
  readonly random: Random;
  readonly client: Client;
  readonly #environment: Environment;
  /** Whether the phone sends read receipts. */
  readonly #sendsReadReceipts: boolean;

  constructor(environment: Environment, place: number, random: Random) {
    [this.#environment, this.random, this.number] = [environment, random, numberOf(place)];
    this.client = new Client(environment.services.connection, environment.services.history);
    this.api = new Api(this.client, this.number);
    this.#sendsReadReceipts = random.chance(0.5);
  }

  /** The verification of a response; without a response, the pending one that the list shows. */
  async findPending(
    purpose: Purpose,
    shown: VerificationView | undefined,
  ): Promise<VerificationView | undefined> {
    if (shown !== undefined) return shown;
    const { shown: known } = await this.api.list();
    return known.find((view) => view.purpose === purpose && view.status === "pending");
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
    const { id, purpose, bind } = pending;
    return this.api.check({
      id: this.random.chance(0.85) ? id : null,
      purpose,
      code: this.random.chance(0.2) ? code.toLowerCase() : code,
      bind,
      idempotencyKey,
    });
  }

  /** The user reads the message, which WhatsApp learns only from a phone with read receipts. */
  async read({ id }: Pending): Promise<void> {
    const message = this.newestMessage(id);
    if (message !== undefined && this.#sendsReadReceipts)
      await this.#environment.services.provider.markRead(message);
  }

  async deny({ id }: Pending): Promise<void> {
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
  async postForgedWebhook({ id }: Pending): Promise<void> {
    const { webhooks, provider } = this.#environment.services;
    const message = this.newestMessage(id);
    if (message === undefined || message.channel !== "whatsapp") return;
    // A status that the phone itself never reports, so that applying the forgery shows.
    const unreported = this.#sendsReadReceipts ? "failed" : "read";
    const status = this.random.pick([unreported, "failed", "denied"] as const);
    const genuine = webhooks.knownOf(this.number).at(0);
    await webhooks.post(
      forgeWebhook(message, provider.idOf(message) ?? "", status, genuine, this.random),
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

  /** The newest message of a verification on the phone. */
  newestMessage(id: string): SentMessage | undefined {
    return this.#environment.services.provider.newest(this.number, id);
  }

  #target(pending: Pending): Target {
    return { number: this.number, id: pending.id, code: this.codeOf(pending) ?? this.newCode() };
  }
}
