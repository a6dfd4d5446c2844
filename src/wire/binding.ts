import * as z from "zod";

export const binding = z
  .strictObject({
    amount: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, "Give a decimal number as a string, such as 150000.00."),
    currency: z.string().regex(/^[A-Z]{3}$/, "Give an ISO 4217 code, such as IDR."),
    payee: z.string().min(1).max(140),
  })
  .meta({
    id: "Binding",
    description: "What the code confirms. Only a check with exactly this binding is valid.",
    examples: [{ amount: "150000.00", currency: "IDR", payee: "Toko Maju" }],
  });
