import * as z from "zod";
import { documented } from "../platform/documented.ts";

/** Why a message failed, as verifications, notifications and their events show it. */
export const messageErrorBody = documented(() =>
  z
    .object({
      code: z.string(),
      title: z.string(),
      action: z.string(),
      details: z.string().optional().meta({
        description: "The provider's own words, without numbers, where the team has to correct something.",
      }),
    })
    .meta({ id: "MessageError" }),
);
