/** A server with better-auth in strict mode, as docs/client.md shows it. The test copies it beside the package. */
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { phoneNumber, twoFactor } from "better-auth/plugins";
import { sandiPhoneNumber, sandiTwoFactor } from "sandi/better-auth";

export function authOf(url: string, key: string, purpose: string | undefined) {
  const sandi = {
    url,
    key,
    purpose,
    ip: (ctx: { headers?: Headers | undefined } | undefined) => ctx?.headers?.get("x-real-ip") ?? undefined,
    limits: (phone: string) => ({ phone }),
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
        otpOptions: sandiTwoFactor({ url, key, purpose: "signup" }),
        skipVerificationOnEnable: true,
      }),
    ],
  });
}
