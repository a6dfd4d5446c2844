import type { Background } from "../../verification/requests.ts";
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

  async ask({ to }: Pick<GuardQuestion, "to">, background: Background): Promise<Finding | null> {
    if (this.#mode === "off") return null;
    const id = await this.#lists.find("block", to, background);
    if (id === null) return null;
    const figures = id.startsWith("+") ? { prefix: id } : {};
    return notAllowed({ rule: "block_list", figures, limits: { list: "block" } }, this.#mode);
  }
}
