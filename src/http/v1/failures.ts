import type { ChannelFailure } from "../../messages/message.ts";
import type { ProblemExtras } from "../../platform/problem.ts";

/** The part of a problem that says why a channel refused a message. It names the template that was at fault. */
export function shownFailure(failure: ChannelFailure): Pick<ProblemExtras, "detail" | "provider"> {
  const { channel, code, title, details, template } = failure;
  const provider = details === undefined ? { channel, code, title } : { channel, code, title, details };
  if (template === undefined) return { provider };
  const { name, language } = template;
  return { provider: { ...provider, template: name, language }, detail: `${title}: ${name} in ${language}.` };
}
