import * as z from "zod";
import type { NamedPurpose } from "../named-purpose.ts";

/** `[vars.COMPATIBILITY.camara]` of wrangler.toml. */
export const camaraSettings = z.strictObject({ purpose: z.string().default("login") });

export type CamaraSettings = z.output<typeof camaraSettings>;

/** The purpose that the settings name. */
export function purposesOfCamara({ purpose }: CamaraSettings): NamedPurpose[] {
  return [{ path: ["COMPATIBILITY", "camara", "purpose"], purpose }];
}
