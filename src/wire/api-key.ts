import * as z from "zod";
import type { ApiKey } from "../keys/api-keys.ts";
import { SCOPES } from "../keys/caller.ts";
import { documented } from "../platform/documented.ts";
import { toIso } from "../platform/time.ts";

export const keyBody = documented(() =>
  z
    .object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.enum(SCOPES)),
      app: z.string().meta({ description: "The only app whose verifications and notifications it reaches." }),
      created_at: z.iso.datetime(),
    })
    .meta({ id: "ApiKey" }),
);

/** A key as answers show it, without its secret. */
export function toKeyBody({ id, name, scopes, app, createdAt }: ApiKey): z.input<typeof keyBody> {
  return { id, name, scopes, app, created_at: toIso(createdAt) };
}
