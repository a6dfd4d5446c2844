import * as z from "zod";
import { type ApiKey, SCOPES } from "../keys/api-keys.ts";
import { toIso } from "../platform/time.ts";

export const keyBody = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "ApiKey" });

/** A key as answers show it, without its secret. */
export function toKeyBody({ id, name, scopes, createdAt }: ApiKey): z.input<typeof keyBody> {
  return { id, name, scopes, created_at: toIso(createdAt) };
}
