import { randomInt } from "node:crypto";

/** A new two-step PIN: six random digits, each equally likely. */
export function drawPin(): string {
  return String(randomInt(1_000_000)).padStart(6, "0");
}
