/** One part of a path that the caller fills in, in words: `verification id`, `template name`. */
export type Placeholder = readonly string[];

/**
 * Replaces the parameters of a path. A parameter is named by what it is an id of, which the step before it says.
 *
 * @param spell Spells the name of a placeholder as a language spells variables.
 */
export function fillPath(path: string, spell: (placeholder: Placeholder) => string): string {
  let noun = "";
  return path
    .split("/")
    .map((step) => {
      const parameter = /^\{(\w+)\}$/.exec(step)?.[1];
      if (parameter === undefined) {
        noun = singular(step.toLowerCase());
        return step;
      }
      const words = wordsOf(parameter, noun);
      noun = "entry";
      return spell(words);
    })
    .join("/");
}

/** The placeholders of a path, in order. */
export function placeholdersIn(path: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  fillPath(path, (placeholder) => {
    found.push(placeholder);
    return "";
  });
  return found;
}

/** `id`, `name` and `Sid` are of the noun before them; others name themselves: `request_id`, `ServiceSid`, `delivery`. */
function wordsOf(parameter: string, noun: string): Placeholder {
  const words = parameter
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")
    .toLowerCase()
    .split("_");
  if (words.length > 1) return words;
  return ["id", "name", "sid"].includes(parameter.toLowerCase())
    ? [...noun.split("-"), ...words]
    : [...words, "id"];
}

function singular(noun: string): string {
  return noun.replace(/(?<=ch)es$|s$/, "");
}
