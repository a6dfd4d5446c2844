import type { Random } from "../../world/random.ts";

/** A placeholder for nesting that is too deep to serialize. */
const DEEP = "@deep@";
const DEPTH = 20_000;

/** Serializes a value, with deep nesting in place of the placeholder. */
export function serialise(value: unknown): Buffer {
  const text = JSON.stringify(value) ?? "";
  const deep = () => "[".repeat(DEPTH) + "]".repeat(DEPTH);
  return Buffer.from(text.replace(`"${DEEP}"`, deep));
}

/** Values that parsers and validators often mishandle. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  1e21,
  "",
  " ",
  "0",
  "null",
  "\u0000",
  "\ud800",
  DEEP,
  [],
  {},
  [[]],
  "+6281234567890",
  "+",
  "../../..",
  "%00",
  "\u202e\u0000\uffff",
  "a".repeat(5000),
  "🙂".repeat(600),
  { __proto__: null, toString: 1 },
  { length: -1 },
  Array.from({ length: 300 }, (_, at) => at),
];

const ODD_KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "~0/~1",
  "\u0000",
  "to",
  "🙂",
  "a".repeat(300),
] as const;

/** Makes a single change to a value: removes or replaces it, a part of it or a name in it. */
export function mutateValue(value: unknown, random: Random): unknown {
  if (typeof value === "object" && value !== null && random.chance(0.75)) {
    return Array.isArray(value) ? mutateList(value, random) : mutateObject(value, random);
  }
  if (typeof value === "string" && random.chance(0.6)) return mutateText(value, random);
  return ODD[random.below(ODD.length)];
}

function mutateList(list: readonly unknown[], random: Random): unknown {
  const at = random.below(list.length + 1);
  const dice = random.next();
  if (dice < 0.2) return list.toSpliced(at, 1);
  if (dice < 0.4) return list.toSpliced(at, 0, ODD[random.below(ODD.length)]);
  if (dice < 0.5) return Array.from({ length: 1 + random.below(1200) }, () => list[0]);
  return at < list.length ? list.with(at, mutateValue(list[at], random)) : { ...list };
}

function mutateObject(value: object, random: Random): unknown {
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  const [name, part] = entries[at] ?? ["", null];
  const dice = random.next();
  if (dice < 0.15) return Object.fromEntries(entries.toSpliced(at, 1));
  if (dice < 0.3) return fromEntries([...entries, [random.pick(ODD_KEYS), ODD[random.below(ODD.length)]]]);
  if (dice < 0.4 && entries.length > 0)
    return fromEntries(entries.with(at, [random.pick(ODD_KEYS), part]).slice(0, entries.length));
  if (dice < 0.45) return entries;
  return entries.length === 0 ? [] : { ...value, [name]: mutateValue(part, random) };
}

function mutateText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const piece = random.pick(["\u0000", "\ud83d", " ", "\n", "0", "é", "'", '"', "%", "/", "\u202e", text]);
  return random.chance(0.3) ? text.slice(0, at) : text.slice(0, at) + piece + text.slice(at);
}

/** `Object.fromEntries` that treats `__proto__` as an ordinary name. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const value = {};
  for (const [name, part] of entries) {
    Object.defineProperty(value, name, { value: part, enumerable: true, configurable: true, writable: true });
  }
  return value;
}
