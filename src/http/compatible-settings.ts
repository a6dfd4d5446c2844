import * as z from "zod";
import type { NamedPurpose } from "./named-purpose.ts";
import { purposesOfTwilio, twilioSettings } from "./twilio-verify/settings.ts";

/** The compatible APIs' part of the environment, for `.and(compatibleSettings)`. */
export const compatibleSettings = z
  .object({
    COMPATIBILITY: z.strictObject({ twilio: twilioSettings.prefault({}) }).prefault({}),
  })
  .transform(({ COMPATIBILITY }) => ({ compatibility: COMPATIBILITY }));

export type CompatibleSettings = z.output<typeof compatibleSettings>["compatibility"];

/** The settings that name a purpose which is none of the deployment's. */
export function unknownPurposes(
  settings: CompatibleSettings,
  policies: ReadonlyMap<string, unknown>,
): readonly NamedPurpose[] {
  const named = [...purposesOfTwilio(settings.twilio)];
  return named.filter(({ purpose }) => !policies.has(purpose));
}
