import type { Setup } from "./protocol.ts";

/** A kind of verification, and the settings of the deployment it runs on. */
export interface Path {
  readonly name: "plain" | "fallback" | "guard" | "webhook_endpoints";
  readonly title: string;
  readonly setup: Pick<Setup, "story" | "namesUser" | "endpoints">;
  /** Differences from wrangler.toml. */
  readonly values: Readonly<Record<string, unknown>>;
}

const PLAIN = { story: "whatsapp", namesUser: false, endpoints: 0 } as const;

const SMS = {
  SMS: { gateway: "http", brand: "Example", url: "https://sms.example.com/sms" },
  SMS_SECRET: `whsec_${Buffer.from("benchmark-sms-secret-0123456789ab").toString("base64")}`,
};

export const PATHS: readonly Path[] = [
  { name: "plain", title: "as shipped", setup: PLAIN, values: {} },
  {
    name: "fallback",
    title: "WhatsApp fails, an SMS is sent",
    setup: { ...PLAIN, story: "sms" },
    values: { ...SMS, PURPOSES: { login: { channels: ["whatsapp", "sms"] } } },
  },
  {
    name: "guard",
    title: "budget enforced, address and account named",
    setup: { ...PLAIN, namesUser: true },
    values: {
      GUARD: {
        budget: { mode: "enforce" },
        named_limits: { windows: { account: "10 per h, 20 per day" } },
      },
    },
  },
  {
    name: "webhook_endpoints",
    title: "two endpoints subscribed to every event",
    setup: { ...PLAIN, endpoints: 2 },
    values: {},
  },
];
