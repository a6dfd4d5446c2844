import type { Random } from "../../world/random.ts";
import type { ApiDocument, Schema } from "../document.ts";
import type { Pool } from "../pool.ts";
import { stringLike } from "./strings.ts";
import { valueFor } from "./vocabulary.ts";

/** Longer lists and texts are left to the mutations. */
const LONG = { list: 4, text: 60 };

/** Generates values that match a schema, with values that exist in the deployment where the field is known. */
export class Values {
  readonly #document: ApiDocument;
  readonly #random: Random;
  readonly #pool: Pool;

  constructor(document: ApiDocument, random: Random, pool: Pool) {
    [this.#document, this.#random, this.#pool] = [document, random, pool];
  }

  /** @param name The field that the value is for. */
  of(given: Schema, name = ""): unknown {
    const schema = this.#document.resolve(given);
    const random = this.#random;
    const word = valueFor(name, random, this.#pool);
    if (word !== undefined && random.chance(0.9)) return word;
    if ("const" in schema) return schema.const;
    if (schema.enum !== undefined) return random.pick(schema.enum as [unknown, ...unknown[]]);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives !== undefined) return this.of(random.pick(alternatives as [Schema, ...Schema[]]), name);
    if (schema.examples !== undefined && random.chance(0.3)) {
      return random.pick(schema.examples as [unknown, ...unknown[]]);
    }
    const types = [schema.type ?? "string"].flat() as [string, ...string[]];
    return this.#ofType(random.pick(types), schema, name);
  }

  #ofType(type: string, schema: Schema, name: string): unknown {
    const random = this.#random;
    switch (type) {
      case "object":
        return this.#object(schema);
      case "array": {
        const { minItems = 0, maxItems = LONG.list, items = {} } = schema;
        const length = minItems + random.below(Math.min(maxItems, LONG.list) - minItems + 1);
        return [...new Set(Array.from({ length }, () => this.of(items, name)))];
      }
      case "integer":
      case "number": {
        const from = Math.max(schema.minimum ?? 0, -1000);
        return from + random.below(Math.min(schema.maximum ?? 1000, from + 1000) - from + 1);
      }
      case "boolean":
        return random.chance(0.5);
      case "null":
        return null;
      default:
        return stringLike(schema, random, LONG.text);
    }
  }

  #object({ properties = {}, required = [], additionalProperties, propertyNames }: Schema): object {
    const random = this.#random;
    const value: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      if (required.includes(name) || random.chance(0.4)) value[name] = this.of(schema, name);
    }
    if (typeof additionalProperties === "object") {
      for (let left = random.below(LONG.list); left > 0; left -= 1) {
        const name = stringLike(this.#document.resolve(propertyNames ?? {}), random, 20);
        value[wordForKey(propertyNames, random) ?? name] = this.of(additionalProperties);
      }
    }
    return value;
  }
}

/** Languages are keys in some bodies, and the schema does not list them. */
function wordForKey(names: Schema | undefined, random: Random): string | null {
  if (names?.maxLength !== 35) return null;
  return random.pick(["en_US", "id", "pt-BR", "fr", "es_MX"]);
}
