import * as z from "zod";
import { readJson } from "../platform/json.ts";
import { camaraSettings, purposesOfCamara } from "./camara-otp/settings.ts";
import type { NamedPurpose } from "./named-purpose.ts";
import { purposesOfTwilio, twilioSettings } from "./twilio-verify/settings.ts";
import { purposesOfVonage, vonageSettings } from "./vonage-verify/settings.ts";

/** In `.dev.vars` and after `--var`, which hold only strings, the same as JSON. */
const table = z.preprocess(
  (value) => (typeof value === "string" ? readJson(value) : value),
  z.strictObject({
    twilio: twilioSettings.prefault({}),
    vonage: vonageSettings.prefault({}),
    camara: camaraSettings.prefault({}),
  }),
);

/** The compatible APIs' part of the environment, for `.and(compatibleSettings)`. */
export const compatibleSettings = z
  .object({
    COMPATIBILITY: table.prefault({}),
  })
  .transform(({ COMPATIBILITY }) => ({ compatibility: COMPATIBILITY }));

export type CompatibleSettings = z.output<typeof compatibleSettings>["compatibility"];

/** The settings that name a purpose which is none of the deployment's. */
export function unknownPurposes(
  settings: CompatibleSettings,
  policies: ReadonlyMap<string, unknown>,
): readonly NamedPurpose[] {
  const named = [
    ...purposesOfTwilio(settings.twilio),
    ...purposesOfVonage(settings.vonage),
    ...purposesOfCamara(settings.camara),
  ];
  return named.filter(({ purpose }) => !policies.has(purpose));
}
