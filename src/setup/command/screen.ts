import type { Done, Note, Shown, Step, Stop } from "../steps/step.ts";
import type { Watcher } from "../steps/walk.ts";
import { elapsed, markOf, paint, type Style, wrap } from "./terminal.ts";

/** Where the text of a step begins: mark, number and title stand before it. */
const COLUMN = 23;
const TICK_MS = 200;
const SIGINT = 2;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Writes the course of a setup: one paragraph for each step, and a running time while one is at work. */
export class Screen implements Watcher {
  readonly #output: Output;
  readonly #style: Style;
  #timer: NodeJS.Timeout | null = null;
  #live: (() => string) | null = null;
  #last = "";

  constructor(output: Output, style: Style) {
    this.#output = output;
    this.#style = style;
  }

  began(step: Step, position: number): void {
    if (!this.#output.isTTY) return;
    const from = Date.now();
    this.#live = () =>
      `${this.#head("running", step, position)}${paint(this.#style, "dim", elapsed(Date.now() - from))}`;
    this.goOn();
  }

  /** Writes nothing by itself until {@link goOn}: a question is on the screen. */
  hold(): void {
    this.#erase();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  goOn(): void {
    this.#last = " ";
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), TICK_MS);
  }

  ended(step: Step, position: number, outcome: Done | Stop, elapsedMs: number): void {
    this.hold();
    this.#live = null;
    const mark = outcome.kind === "stop" ? "failed" : outcome.isPartial ? "warning" : "ok";
    const text = outcome.kind === "stop" ? outcome.sentence : outcome.proof;
    const time = elapsedMs < 1_000 ? "" : ` (${elapsed(elapsedMs)})`;
    const first = this.#head(mark, step, position);
    const notes = outcome.kind === "stop" ? [] : (outcome.notes ?? []);
    this.lines([
      ...wrap(this.#style, `${text}${time}`, { first, others: COLUMN }),
      ...notes.flatMap((note) => this.#note(note, COLUMN)),
    ]);
  }

  show(shown: Shown): void {
    if (shown.kind === "note") {
      this.lines(["", ...this.#note(shown, 2), ""]);
      return;
    }
    // On a line of its own, so that it can be copied whole.
    this.lines([
      "",
      `  ${paint(this.#style, "bold", shown.label)}, shown this once:`,
      `  ${paint(this.#style, ["bold", "cyan"], shown.value)}`,
      ...wrap(this.#style, shown.note, 2),
      "",
    ]);
  }

  lines(lines: readonly string[]): void {
    this.#erase();
    for (const line of lines) {
      // One empty line is enough between two parts, whichever of them asked for it.
      if (line !== "" || this.#last !== "") this.#output.write(`${line}\n`);
      this.#last = line;
    }
    if (this.#timer !== null) this.#draw();
  }

  /** After Ctrl-C. */
  endEarly(): never {
    this.hold();
    this.lines(["", "Ended. Run the same command again: it goes on from here."]);
    process.exit(128 + SIGINT);
  }

  #note({ text, url }: Note, indent: number): readonly string[] {
    const lines = wrap(this.#style, text, indent);
    // Not broken, so that it can be opened.
    return url === undefined
      ? lines
      : [...lines, `${" ".repeat(indent)}${paint(this.#style, "underline", url)}`];
  }

  #head(mark: Parameters<typeof markOf>[1], step: Step, position: number): string {
    const label = `${String(position).padStart(2)}  ${step.title}`;
    return `${markOf(this.#style, mark)} ${label.padEnd(COLUMN - 2)}`;
  }

  #draw(): void {
    if (this.#live !== null) this.#output.write(`\r\u001b[K${this.#live()}`);
  }

  #erase(): void {
    if (this.#live !== null) this.#output.write("\r\u001b[K");
  }
}
