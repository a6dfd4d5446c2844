import * as z from "zod";
import { definePlatform, text } from "./platform.ts";

/** FusionAuth's generic messenger. */
export const fusionauth = definePlatform({
  name: "fusionauth",
  title: "FusionAuth",
  body: () => z.looseObject({ phoneNumber: text, code: text, locale: text }),
  example: { phoneNumber: "+6281234567890", code: "482913", locale: "id" },
  read: ({ phoneNumber, code, locale }) => ({
    number: phoneNumber ?? null,
    code: code ?? null,
    locale: locale ?? null,
    ip: null,
    id: null,
    purpose: null,
  }),
});
