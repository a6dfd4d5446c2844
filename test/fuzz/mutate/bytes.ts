import type { Random } from "../../world/random.ts";
import { randomFill } from "./fill.ts";

/** Bytes that are invalid UTF-8, or that parsers treat differently: byte order mark, NUL, escape. */
const ODD_BYTES: readonly Buffer[] = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x00],
  [0x1b],
].map((bytes) => Buffer.from(bytes));

/** In descending order: a body beyond each of the Worker's size limits. */
const SIZES = [3 * 1024 * 1024 + 10, 70_000, 20_000, 4_000] as const;

/** Changes the bytes of a JSON text without regard to its structure. */
export function mutateBytes(body: Buffer, random: Random): Buffer {
  const at = random.below(body.length + 1);
  const [before, after] = [body.subarray(0, at), body.subarray(at)];
  const dice = random.next();
  if (dice < 0.2) return Buffer.concat([before, random.pick(ODD_BYTES as [Buffer, ...Buffer[]]), after]);
  if (dice < 0.35) return Buffer.from(before);
  if (dice < 0.5) return flipped(body, at, random);
  if (dice < 0.6) return Buffer.concat([before, randomFill(1 + random.below(20), random), after]);
  if (dice < 0.7) return repeatedField(body, random);
  if (dice < 0.8) return nested(body, random);
  if (dice < 0.85) return Buffer.from(body.toString(), "utf16le");
  if (dice < 0.9) return Buffer.concat([body, body]);
  if (dice < 0.93) return padded(body, random);
  return Buffer.from(
    body.toString().replace(/\d+/, () => random.pick(["1e999", "-0", "0x1", "01", "9".repeat(400)])),
  );
}

function flipped(body: Buffer, at: number, random: Random): Buffer {
  const copy = Buffer.from(body);
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

/** Repeats a name within an object. */
function repeatedField(body: Buffer, random: Random): Buffer {
  const [, field = '"to":1'] =
    /\{("(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|[\d.]+|null|true|false))/.exec(body.toString()) ?? [];
  const other = random.pick([field, '"to":null', '"__proto__":{"to":"+1"}', '"":""']);
  return Buffer.from(body.toString().replace("{", () => `{${other},`));
}

function nested(body: Buffer, random: Random): Buffer {
  const depth = random.pick([50, 1_000, 9_000, 30_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
  ] as const);
  const inner = body.length === 0 ? "1" : body.toString();
  return Buffer.from(open.repeat(depth) + inner + close.repeat(depth));
}

function padded(body: Buffer, random: Random): Buffer {
  const size = random.pick(SIZES);
  const filler = random.pick([" ", '"', "[", "\\u0000"]);
  return Buffer.concat([body, Buffer.from(filler.repeat(Math.ceil(size / filler.length)))]);
}
