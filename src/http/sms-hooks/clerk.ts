import * as z from "zod";
import { definePlatform, originBoundCode, part, text } from "./platform.ts";

const PURPOSES = new Map([["reset_password_code", "recovery"]]);

/** Clerk's webhook `sms.created`, for templates that Clerk does not deliver itself. */
export const clerk = definePlatform({
  name: "clerk",
  title: "Clerk",
  body: () =>
    z.looseObject({
      type: text,
      data: part({
        id: text,
        to_phone_number: text,
        message: text,
        slug: text,
        data: part({ otp_code: text }),
        delivered_by_clerk: z.boolean().optional().catch(undefined),
      }),
    }),
  example: {
    type: "sms.created",
    data: {
      id: "sms_29w9IptNja3mP8GDXpquBwN2qR9",
      to_phone_number: "+6281234567890",
      message: "482913 is your code.\n@example.com #482913",
      slug: "verification_code",
      data: { otp_code: "482913" },
      delivered_by_clerk: false,
    },
  },
  read({ type, data }) {
    if (type !== "sms.created" || data?.delivered_by_clerk !== false) return null;
    return {
      number: data.to_phone_number ?? null,
      code: data.data?.otp_code ?? originBoundCode(data.message),
      locale: null,
      ip: null,
      id: data.id ?? null,
      purpose: PURPOSES.get(data.slug ?? "") ?? null,
    };
  },
});
