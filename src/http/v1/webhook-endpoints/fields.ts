import * as z from "zod";
import { checkAddress } from "../../../webhook-endpoints/address.ts";

/** Where events are to go; what may not be called is refused with the reason. */
export function address(allowLoopback: boolean) {
  return z
    .string()
    .transform((text, context) => {
      const checked = checkAddress(text, allowLoopback);
      if (checked.kind === "good") return checked.url;
      context.issues.push({ code: "custom", input: text, message: checked.because });
      return z.NEVER;
    })
    .meta({
      description: "An https address on the public internet.",
      examples: ["https://shop.example.com/hooks/sandi"],
    });
}

export const description = z
  .string()
  .max(200)
  .meta({ description: "For people.", examples: ["Shop backend"] });
