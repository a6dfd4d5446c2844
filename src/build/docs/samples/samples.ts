import type { DescribedCall } from "../described-call.ts";
import { curlLines } from "./curl.ts";
import { TWILIO_LINES } from "./twilio.ts";
import { typescriptLines } from "./typescript.ts";

/** Ways to make a call, in the order of their tabs. */
export const LANGUAGES = { curl: "curl", typescript: "TypeScript", twilio: "Twilio SDK" } as const;
export type Language = keyof typeof LANGUAGES;

/** The same call in each language that has it. */
export type Samples = Readonly<Partial<Record<Language, string>>>;

export function samplesOf({ endpoint, answers }: DescribedCall, origin: string): Samples {
  const typescript = typescriptLines(endpoint, answers[0]?.schema ?? null);
  const twilio = TWILIO_LINES[endpoint.operationId];
  const curl = curlLines(origin, endpoint);
  return {
    ...(curl === null ? {} : { curl }),
    ...(typescript === null ? {} : { typescript }),
    ...(twilio === undefined ? {} : { twilio }),
  };
}
