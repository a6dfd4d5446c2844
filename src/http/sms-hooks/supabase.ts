import * as z from "zod";
import { definePlatform, part, text } from "./platform.ts";

/** Supabase Auth's "Send SMS" hook: `internal/hooks/v0hooks` of github.com/supabase/auth. */
export const supabase = definePlatform({
  name: "supabase",
  title: "Supabase Auth",
  body: () =>
    z.looseObject({
      // Since v2.187; older servers send no id.
      metadata: part({ uuid: text, ip_address: text }),
      user: part({ user_metadata: part({ locale: text }) }),
      sms: part({ otp: text, phone: text }),
    }),
  example: {
    metadata: { uuid: "0f6c2a34-8a0e-4f7b-9a57-6a7d0c3f6a11", ip_address: "203.0.113.9" },
    user: { user_metadata: { locale: "id" } },
    sms: { otp: "561166", phone: "6281234567890" },
  },
  read: ({ metadata, user, sms }) => ({
    number: sms?.phone ?? null,
    code: sms?.otp ?? null,
    locale: user?.user_metadata?.locale ?? null,
    ip: metadata?.ip_address ?? null,
    id: metadata?.uuid ?? null,
    purpose: "login",
  }),
});
