/** The languages of code on the page. */
export type CodeLanguage = "shell" | "typescript" | "json";

/** A piece of code and how it is coloured; null for plain text. */
export interface Token {
  readonly text: string;
  readonly kind: "string" | "quiet" | "word" | null;
}

/** For each language, what is coloured: one group for each kind, in the order of {@link KINDS}. */
const PATTERNS: Readonly<Record<CodeLanguage, RegExp>> = {
  shell: /('(?:[^']|'\\'')*'|"[^"]*")|((?<=\s)--?[a-zA-Z-]+(?=\s))|(^curl\b|^export\b)/m,
  typescript:
    /("(?:[^"\\]|\\.)*"|`[^`]*`)|(\/\/.*)|(\b(?:import|from|const|await|for|of|new|return|export|async|if|throw)\b)/m,
  json: /((?<=: |^ *)"(?:[^"\\]|\\.)*"(?=,?$))|(\bnull\b)|(\b(?:true|false)\b|(?<=: )-?\d[\d.e+-]*)/m,
};
const KINDS = ["string", "quiet", "word"] as const;

/** A line of code, and how many spaces it begins with. */
export interface Line {
  readonly tokens: readonly Token[];
  readonly indent: number;
}

export function highlight(code: string, language: CodeLanguage): Line[] {
  const lines: Token[][] = [[]];
  for (const { text, kind } of tokens(code, language)) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push({ text: part, kind });
    }
  }
  return lines.map((line) => ({ tokens: line, indent: /^ */.exec(line[0]?.text ?? "")?.[0].length ?? 0 }));
}

function tokens(code: string, language: CodeLanguage): Token[] {
  const step = KINDS.length + 1;
  const parts: (string | undefined)[] = code.split(PATTERNS[language]);
  return parts.flatMap((text, index) => {
    if (text === undefined || text === "") return [];
    return [{ text, kind: KINDS[(index % step) - 1] ?? null }];
  });
}
