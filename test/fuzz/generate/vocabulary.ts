import type { Random } from "../../world/random.ts";
import type { Pool } from "../pool.ts";

/** Ranges that no number of the run belongs to, so that a block list keeps nothing from the code behind it. */
const OUTCASTS = ["+44790090", "+88213", "+99912", "+3584570"] as const;

/** A word for a field, by its name; undefined where the schema says all there is to know. */
export function wordFor(name: string, random: Random, pool: Pool): unknown {
  switch (name) {
    case "to":
      return pool.number();
    case "number":
    case "prefix":
      return random.pick(OUTCASTS) + (name === "number" ? "1234" : "");
    case "range":
      return pool.number().slice(0, -4);
    case "code":
      return pool.code();
    case "purpose":
      return random.pick(["login", "login", "signup", "recovery", "transaction"]);
    case "locale":
      return random.pick(["id", "en-US", "pt-BR", "zh-Hant-TW", "x-private"]);
    case "languages":
      return random.chance(0.7) ? random.pick([["en_US"], ["id", "pt_BR"], ["fr"]]) : undefined;
    case "template":
      return pool.template();
    case "parameters":
      return random.chance(0.5) ? { name: "Ana", order: "A-77", amount: "9", 1: "x" } : undefined;
    case "body":
      return random.pick(["Hi {{name}}, order {{order}} has shipped.", "Nothing to fill in.", "Hi {{1}}."]);
    case "examples":
      return { name: "Ana", order: "A-77" };
    case "url":
      return random.pick(["https://hooks.example.com/sandi", "https://example.com/t/{{order}}"]);
    case "after":
      return pool.cursor();
    case "message_send_ttl_seconds":
      return random.pick([60, 600, 900]);
    case "from":
      return new Date(Date.now() - random.below(10_000_000)).toISOString();
    default:
      return undefined;
  }
}
