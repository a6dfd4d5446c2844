import { styleText } from "node:util";

/** How to write to one terminal. */
export interface Style {
  readonly width: number;
  readonly hasColor: boolean;
}

type Format = Parameters<typeof styleText>[0];

/** Longer lines are hard to read; shorter terminals break these themselves. */
const WIDTHS = { narrowest: 40, usual: 80, widest: 100 };

/** The style of a stream: without color in a file or a pipe, and where the user wants none (https://no-color.org). */
export function styleOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const { columns = WIDTHS.usual } = stream;
  const isForced = !["", "0", undefined].includes(environment.FORCE_COLOR);
  const isRefused = !["", undefined].includes(environment.NO_COLOR) || environment.TERM === "dumb";
  return {
    width: Math.max(WIDTHS.narrowest, Math.min(columns, WIDTHS.widest)),
    hasColor: !isRefused && (isForced || stream.isTTY === true),
  };
}

export function paint(style: Style, format: Format, text: string): string {
  return style.hasColor ? styleText(format, text, { validateStream: false }) : text;
}

export type Mark = "ok" | "warning" | "failed" | "unknown" | "skipped" | "running";

/** Signs that differ without color too. */
const MARKS: Readonly<Record<Mark, readonly [sign: string, format: Format]>> = {
  ok: ["✓", "green"],
  warning: ["!", "yellow"],
  failed: ["✗", "red"],
  unknown: ["?", "dim"],
  skipped: ["-", "dim"],
  running: ["…", "dim"],
};

export function markOf(style: Style, mark: Mark): string {
  const [sign, format] = MARKS[mark];
  return paint(style, format, sign);
}

/**
 * Breaks a text into lines.
 *
 * @param indent spaces before each line, or the texts before the first line and before the others
 */
export function wrap(
  { width }: Style,
  text: string,
  indent: number | { readonly first: string; readonly others: number },
): readonly string[] {
  const [first, others] =
    typeof indent === "number"
      ? [" ".repeat(indent), " ".repeat(indent)]
      : [indent.first, " ".repeat(indent.others)];
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (!isEmpty && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line);
      line = others;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** Lines of a label and a text beside it, as in `Repair  Subscribe the app …`. */
export function labelled(
  style: Style,
  label: string,
  text: string,
  { indent = 0, labelWidth = 8 } = {},
): readonly string[] {
  const padding = " ".repeat(Math.max(1, labelWidth - label.length));
  const first = `${" ".repeat(indent)}${paint(style, "dim", label)}${padding}`;
  return wrap(style, text, { first, others: indent + Math.max(labelWidth, label.length + 1) });
}

/** The width of a text on the screen, without its color codes. */
function lengthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with the control character ESC.
  return [...text.replace(/\u001b\[[\d;]*m/g, "")].length;
}

/** An elapsed time, as in `0.4 s` or `1 min 5 s`. */
export function elapsed(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
