import type { Background } from "../../platform/background.ts";
import type { MaybePromise } from "../../platform/maybe-promise.ts";
import type { GuardRequest, Mode, Rule, RuleMatch } from "../rule.ts";
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

  evaluate({ to }: Pick<GuardRequest, "to">, background: Background): MaybePromise<RuleMatch | null> {
    const mode = this.#mode;
    if (mode === "off") return null;
    const id = this.#lists.find("block", to, background);
    return id instanceof Promise ? id.then((found) => toFinding(found, mode)) : toFinding(id, mode);
  }
}

function toFinding(id: string | null, mode: RuleMatch["mode"]): RuleMatch | null {
  if (id === null) return null;
  const figures = id.startsWith("+") ? { prefix: id } : {};
  return notAllowed({ rule: "block_list", figures, limits: { list: "block" } }, mode);
}
