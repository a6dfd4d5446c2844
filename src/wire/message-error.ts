import * as z from "zod";

/** Why a message failed, as verifications, notifications and their events show it. */
export const messageErrorBody = z
  .object({
    code: z.string(),
    title: z.string(),
    action: z.string(),
    details: z.string().optional().meta({
      description: "The provider's own words, without numbers, where the team has to correct something.",
    }),
  })
  .meta({ id: "MessageError" });
