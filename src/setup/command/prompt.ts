import { isCancel, password, select, text } from "@clack/prompts";
import type { Prompt } from "../steps/outside.ts";

/** The questions of a run at a terminal. Ctrl-C ends it: what is done stays done. */
export const prompt: Prompt = {
  async secret(question, help) {
    const typed = await password({
      message: withHelp(question, help),
      validate: (value) => (value?.trim() ? undefined : "It is needed."),
    });
    return given(typed).trim();
  },
  async text(question, help) {
    return given(await text({ message: withHelp(question, help) }))?.trim() ?? "";
  },
  async choose(question, choices) {
    const options = choices.map(({ value, label, hint }) => ({
      value: value as string,
      label,
      ...(hint === undefined ? {} : { hint }),
    }));
    const chosen = given(await select({ message: question, options }));
    return (
      choices.find(({ value }) => value === chosen)?.value ?? (chosen as (typeof choices)[number]["value"])
    );
  },
  async goOn(question) {
    given(await text({ message: question }));
  },
};

function withHelp(question: string, help: string | undefined): string {
  return help === undefined ? question : `${question}\n${help}`;
}

function given<T>(answer: T): Exclude<T, symbol> {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  console.log("Ended. Run the same command again: it goes on from here.");
  process.exit(130);
}
