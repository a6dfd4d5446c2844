import type { Background } from "../../platform/background.ts";
import type { Soon } from "../../platform/maybe-promise.ts";
import type { Finding, GuardQuestion, Mode, Rule } from "../rule.ts";
import type { GuardLists } from "./lists.ts";
import { notAllowed } from "./not-allowed.ts";

/** The numbers and prefixes that the team wants nothing sent to. */
export class BlockList implements Rule {
  readonly #lists: GuardLists;
  readonly #mode: Mode;

  constructor(lists: GuardLists, mode: Mode) {
    this.#lists = lists;
    this.#mode = mode;
  }

  ask({ to }: Pick<GuardQuestion, "to">, background: Background): Soon<Finding | null> {
    const mode = this.#mode;
    if (mode === "off") return null;
    const id = this.#lists.find("block", to, background);
    return id instanceof Promise ? id.then((found) => toFinding(found, mode)) : toFinding(id, mode);
  }
}

function toFinding(id: string | null, mode: Finding["mode"]): Finding | null {
  if (id === null) return null;
  const figures = id.startsWith("+") ? { prefix: id } : {};
  return notAllowed({ rule: "block_list", figures, limits: { list: "block" } }, mode);
}
