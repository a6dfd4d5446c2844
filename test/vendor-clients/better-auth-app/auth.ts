/** A server with better-auth in strict mode, as docs/client.md shows it. The test copies it beside the package. */
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { phoneNumber, twoFactor } from "better-auth/plugins";
import { type SandiPhoneNumberOptions, sandiPhoneNumber, sandiTwoFactor } from "sandi/better-auth";

export function authOf(options: SandiPhoneNumberOptions) {
  const sandi: SandiPhoneNumberOptions = {
    ...options,
    ip: (ctx) => ctx?.headers?.get("x-real-ip") ?? undefined,
    limits: (phone) => ({ phone }),
  };
  return betterAuth({
    baseURL: "http://localhost:3000",
    secret: "a secret of more than thirty-two characters",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], twoFactor: [] }),
    emailAndPassword: { enabled: true },
    plugins: [
      phoneNumber({
        ...sandiPhoneNumber(sandi),
        signUpOnVerification: { getTempEmail: (number) => `${number.slice(1)}@example.com` },
      }),
      twoFactor({
        otpOptions: sandiTwoFactor({ ...options, purpose: "signup" }),
        skipVerificationOnEnable: true,
      }),
    ],
  });
}
