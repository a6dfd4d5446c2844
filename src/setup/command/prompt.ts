import { isCancel, password, select, text, updateSettings } from "@clack/prompts";
import type { Choice, Prompt } from "../steps/outside.ts";
import type { Screen } from "./screen.ts";
import { type Style, wrap } from "./terminal.ts";

updateSettings({ withGuide: false });

/** The questions of a run at a terminal. Ctrl-C ends it: what is done stays done. */
export class TerminalPrompt implements Prompt {
  readonly #screen: Screen;
  readonly #style: Style;

  constructor(screen: Screen, style: Style) {
    this.#screen = screen;
    this.#style = style;
  }

  async secret(question: string, help?: string): Promise<string> {
    const validate = (value: string | undefined) => (value?.trim() ? undefined : "It is needed.");
    return (await this.#ask(() => password({ message: question, validate }), help)).trim();
  }

  async text(question: string, help?: string): Promise<string> {
    return (await this.#ask(() => text({ message: question }), help))?.trim() ?? "";
  }

  async choose<Value extends string>(question: string, choices: readonly Choice<Value>[]): Promise<Value> {
    const options = choices.map(({ value, label, hint }) => ({
      value: value as string,
      label,
      ...(hint === undefined ? {} : { hint }),
    }));
    return (await this.#ask(() => select({ message: question, options }))) as Value;
  }

  async goOn(question: string): Promise<void> {
    await this.#ask(() => text({ message: question }));
  }

  /** A question stands alone on the screen, below what helps to answer it. */
  async #ask<T>(ask: () => Promise<T>, help?: string): Promise<Exclude<T, symbol>> {
    this.#screen.hold();
    this.#screen.lines(help === undefined ? [""] : ["", ...wrap(this.#style, help, 3)]);
    const answer = this.#given(await ask());
    this.#screen.goOn();
    return answer;
  }

  #given<T>(answer: T): Exclude<T, symbol> {
    if (!isCancel(answer)) return answer as Exclude<T, symbol>;
    return this.#screen.endEarly();
  }
}
