import type { SentMessage } from "../world/messages.ts";
import type { Random } from "../world/random.ts";
import { ADMIN_KEY } from "../world/settings.ts";

/** How many values of each kind are kept, the newest. */
const MAX_KEPT = 200;

/** The count of numbers that most requests share. */
const COMMON_NUMBERS = 300;

const PREFIXES = ["vrf", "ntf", "bat", "whe", "whd", "key", "cli", "VE"] as const;
const KINDS = [...PREFIXES, "uuid"] as const;
export type Kind = (typeof KINDS)[number];
const IDS = new RegExp(`\\b(${PREFIXES.join("|")})_?[0-9a-z]{8,64}`, "g");
/** As Vonage and CAMARA spell verifications. The `request_id` of a problem is not its first field. */
const UUID = /^\{"(?:request_id|authenticationId)":"([0-9a-f-]{36})"/;

/** An id that nothing has. */
function unknownId(kind: Kind): string {
  if (kind === "VE") return `VE${"0123".repeat(8)}`;
  if (kind === "uuid") return "01234567-89ab-cdef-0123-456789abcdef";
  return `${kind}_0123456789abcdefghjkmnpqrs`;
}

/** Ids, codes, keys and cursors from responses and messages, so that later requests refer to existing things. */
export class Pool {
  readonly #random: Random;
  readonly #ids = new Map<Kind, string[]>(KINDS.map((kind) => [kind, []]));
  readonly #sent: SentMessage[] = [];
  /** By verification id. */
  readonly #codes = new Map<string, string>();
  readonly #keys: string[] = [];
  readonly #cursors: string[] = [];
  /** Names that no request may change or delete. Without the template of codes, a 503 to a start is correct. */
  readonly #protected = new Set<string>(["verification_code"]);
  readonly #templates: string[] = ["shipping_update", "payment_confirmation"];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Keeps the ids, keys, cursors and template names of a response. */
  learn(text: string): void {
    for (const [id, kind] of text.matchAll(IDS)) {
      if (!this.#protected.has(id)) keep(this.#ids.get(kind as Kind) ?? [], id);
    }
    const uuid = UUID.exec(text)?.[1];
    if (uuid !== undefined) keep(this.#ids.get("uuid") ?? [], uuid);
    for (const [, key = ""] of text.matchAll(/"key":"(sandi_\w+)"/g)) keep(this.#keys, key);
    for (const [, cursor = ""] of text.matchAll(/"next":"([^"]+)"/g)) keep(this.#cursors, cursor);
    for (const [, name = ""] of text.matchAll(/"name":"([a-z0-9_]{3,60})","category"/g)) {
      if (!this.#protected.has(name)) keep(this.#templates, name);
    }
  }

  protect(id: string): void {
    this.#protected.add(id);
  }

  sent(message: SentMessage): void {
    keep(this.#sent, message);
    const id = message.reference?.split(".")[0];
    if (id !== undefined && message.code !== null) this.#codes.set(id, message.code);
    if (this.#codes.size > 20 * MAX_KEPT) this.#codes.clear();
  }

  id(kind: Kind): string {
    return this.#random.pick([unknownId(kind), ...(this.#ids.get(kind) ?? [])]);
  }

  count(kind: Kind): number {
    return this.#ids.get(kind)?.length ?? 0;
  }

  forget(kind: Kind, id: string): void {
    const ids = this.#ids.get(kind) ?? [];
    if (ids.includes(id)) ids.splice(ids.indexOf(id), 1);
  }

  /** A sent message, for webhooks about it. */
  message(): SentMessage {
    const unknown: SentMessage = {
      channel: "whatsapp",
      number: "+6281234567890",
      id: "wamid.0",
      reference: null,
      code: null,
    };
    return this.#random.pick([unknown, ...this.#sent]);
  }

  /** The code that was sent for a verification, or that of any message. */
  code(id?: string): string {
    return (id && this.#codes.get(id)) ?? this.message().code ?? "482913";
  }

  /** The newest code that was sent to a number. */
  codeTo(number: string): string | undefined {
    return this.#sent.findLast((message) => message.number === number)?.code ?? undefined;
  }

  number(): string {
    const random = this.#random;
    const place = random.chance(0.7) ? random.below(COMMON_NUMBERS) : random.below(90_000_000);
    return `+62812${10_000_000 + place}`;
  }

  cursor(): string {
    return this.#random.pick(["bm9uZQ", ...this.#cursors]);
  }

  template(): string {
    return this.#random.pick(this.#templates as [string, ...string[]]);
  }

  /** A value for `Authorization`: mostly a valid key. Null for no header. */
  authorization(): string | null {
    const random = this.#random;
    const scoped = this.#keys.length === 0 ? ADMIN_KEY : this.#keys[random.below(this.#keys.length)];
    const dice = random.next();
    if (dice < 0.9) return `Bearer ${ADMIN_KEY}`;
    if (dice < 0.95) return `Bearer ${scoped}`;
    if (dice < 0.965) return null;
    const garbage = [
      "Bearer",
      "Bearer  ",
      "Basic YTpi",
      `Bearer ${ADMIN_KEY}x`,
      "Bearer sandi_0",
      "\xff\xfe",
    ];
    return random.pick([`Bearer sandi_${random.text("0123456789abcdefghjkmnpqrstvwxyz", 32)}`, ...garbage]);
  }
}

function keep<Item>(list: Item[], item: Item): void {
  if (list.includes(item)) return;
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
}
