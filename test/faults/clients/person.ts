import type { Sent, Shown } from "../history.ts";
import type { Random } from "../random.ts";
import { BROUGHT_CODE_LENGTH, CODE_MARK, numberOf } from "../secrets.ts";
import type { Purpose } from "../world/settings.ts";
import type { World } from "../world/world.ts";
import { Asks, type Bind } from "./asks.ts";
import { Client } from "./client.ts";
import { forge } from "./forger.ts";
import { mistake } from "./mistakes.ts";
import { type Prey, trespass } from "./strangers.ts";

const CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** A verification under way, as the app that asked for it knows it. */
export interface Pending {
  readonly id: string;
  readonly purpose: Purpose;
  /** What the app brought; null where the Worker draws. */
  readonly brought: string | null;
  readonly bind: Bind | undefined;
}

/** Somebody with a phone, the app that wants to know it, and whoever means them ill. */
export class Person {
  readonly number: string;
  readonly asks: Asks;
  readonly random: Random;
  readonly client: Client;
  readonly #world: World;
  /** Their phone tells when they have read something. */
  readonly #tellsReading: boolean;

  constructor(world: World, place: number, random: Random) {
    [this.#world, this.random, this.number] = [world, random, numberOf(place)];
    this.client = new Client(world.parts.line, world.parts.history);
    this.asks = new Asks(this.client, this.number);
    this.#tellsReading = random.chance(0.5);
  }

  /** The verification that an answer shows, or what is pending where no answer came. */
  async pendingOf(purpose: Purpose, shown: Shown | undefined): Promise<Shown | undefined> {
    if (shown !== undefined) return shown;
    const { shown: known } = await this.asks.list();
    return known.find((one) => one.purpose === purpose && one.status === "pending");
  }

  newCode(): string {
    return CODE_MARK + this.random.text(CODE_ALPHABET, BROUGHT_CODE_LENGTH - CODE_MARK.length);
  }

  /** The right code as far as anybody outside can know: null until it is on the phone. */
  codeOf({ id, brought }: Pending): string | null {
    return brought ?? this.onPhone(id)?.code ?? null;
  }

  /** One that nobody was ever sent; six digits where the right one has six. */
  wrongCode(pending: Pending): string {
    if (pending.brought !== null || this.random.chance(0.3)) return this.newCode();
    const code = this.random.text("0123456789", 6);
    return code === this.codeOf(pending) ? this.newCode() : code;
  }

  check(pending: Pending, code: string, idempotencyKey?: string) {
    const { id, purpose, bind } = pending;
    return this.asks.check({
      id: this.random.chance(0.85) ? id : null,
      purpose,
      code: this.random.chance(0.2) ? code.toLowerCase() : code,
      ...(bind && { bind }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  /** The user reads the message; only a phone that tells of it makes that known. */
  async read({ id }: Pending): Promise<void> {
    const sent = this.onPhone(id);
    if (sent !== undefined && this.#tellsReading) await this.#world.parts.whatsApp.read(sent);
  }

  async deny({ id }: Pending): Promise<void> {
    const sent = this.onPhone(id);
    if (sent !== undefined) await this.#world.parts.whatsApp.deny(sent);
  }

  /** A webhook of the past comes once more. */
  async replay(): Promise<void> {
    const { courier } = this.#world.parts;
    const [first, ...more] = courier.pastOf(this.number);
    if (first !== undefined) await courier.post(this.random.pick([first, ...more]));
  }

  /** Somebody pretends to be WhatsApp. */
  async beForged({ id }: Pending): Promise<void> {
    const { courier, whatsApp } = this.#world.parts;
    const sent = this.onPhone(id);
    if (sent === undefined || sent.channel !== "whatsapp") return;
    const told = this.#tellsReading ? "failed" : "read";
    const status = this.random.pick([told, "failed", "denied"] as const);
    const genuine = courier.pastOf(this.number).at(0);
    await courier.post(forge(sent, whatsApp.idOf(sent) ?? "", status, genuine, this.random), true);
  }

  async beTrespassedOn(pending: Pending): Promise<void> {
    await trespass(this.client, this.#world.parts.unscopedKey, this.#prey(pending), this.random);
  }

  async beMistaken(pending: Pending): Promise<void> {
    await mistake(this.client, this.#prey(pending), this.random);
  }

  /** The newest message of a verification that reached the phone. */
  onPhone(id: string): Sent | undefined {
    return this.#world.parts.whatsApp.newest(this.number, id);
  }

  #prey(pending: Pending): Prey {
    return { number: this.number, id: pending.id, code: this.codeOf(pending) ?? this.newCode() };
  }
}
