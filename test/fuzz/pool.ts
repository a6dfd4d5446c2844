import type { SentMessage } from "../world/messages.ts";
import type { Random } from "../world/random.ts";
import { ADMIN_KEY } from "../world/settings.ts";

/** So many of each kind are remembered, the newest. */
const KEPT = 200;

/** Numbers that come again and again. More than these are drawn anew. */
const REGULARS = 300;

const KINDS = ["vrf", "ntf", "bat", "whe", "whd", "key"] as const;
export type Kind = (typeof KINDS)[number];
const IDS = new RegExp(`\\b(${KINDS.join("|")})_[0-9a-z]{8,64}`, "g");

/** What the run has learnt from answers and from messages, so that its requests lead somewhere. */
export class Pool {
  readonly #random: Random;
  readonly #ids = new Map<Kind, string[]>(KINDS.map((kind) => [kind, []]));
  readonly #sent: SentMessage[] = [];
  /** By verification. */
  readonly #codes = new Map<string, string>();
  readonly #keys: string[] = [];
  readonly #cursors: string[] = [];
  /** What no request may change or take away. Without the codes' own template, a 503 to a start is right. */
  readonly #spared = new Set<string>(["verification_code"]);
  readonly #templates: string[] = ["shipping_update", "payment_confirmation"];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes in everything of an answer that has a name. */
  learn(text: string): void {
    for (const [id, kind] of text.matchAll(IDS)) {
      if (!this.#spared.has(id)) keep(this.#ids.get(kind as Kind) ?? [], id);
    }
    for (const [, key = ""] of text.matchAll(/"key":"(sandi_\w+)"/g)) keep(this.#keys, key);
    for (const [, cursor = ""] of text.matchAll(/"next":"([^"]+)"/g)) keep(this.#cursors, cursor);
    for (const [, name = ""] of text.matchAll(/"name":"([a-z0-9_]{3,60})","category"/g)) {
      if (!this.#spared.has(name)) keep(this.#templates, name);
    }
  }

  spare(id: string): void {
    this.#spared.add(id);
  }

  sent(message: SentMessage): void {
    keep(this.#sent, message);
    const id = message.reference?.split(".")[0];
    if (id !== undefined && message.code !== null) this.#codes.set(id, message.code);
    if (this.#codes.size > 20 * KEPT) this.#codes.clear();
  }

  id(kind: Kind): string {
    return this.#random.pick([`${kind}_0123456789abcdefghjkmnpqrs`, ...(this.#ids.get(kind) ?? [])]);
  }

  count(kind: Kind): number {
    return this.#ids.get(kind)?.length ?? 0;
  }

  forget(kind: Kind, id: string): void {
    const ids = this.#ids.get(kind) ?? [];
    if (ids.includes(id)) ids.splice(ids.indexOf(id), 1);
  }

  /** A message that a webhook may be about. */
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

  /** The code that was sent for a verification, or any. */
  code(id?: string): string {
    return (id && this.#codes.get(id)) ?? this.message().code ?? "482913";
  }

  number(): string {
    const random = this.#random;
    const place = random.chance(0.7) ? random.below(REGULARS) : random.below(90_000_000);
    return `+62812${10_000_000 + place}`;
  }

  cursor(): string {
    return this.#random.pick(["bm9uZQ", ...this.#cursors]);
  }

  template(): string {
    return this.#random.pick(this.#templates as [string, ...string[]]);
  }

  /** Whatever may stand in `Authorization`: mostly a key that opens the door. */
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
  if (list.length > KEPT) list.shift();
}
