import type { CloudflareFindings } from "../cloudflare-findings.ts";
import type { Findings } from "../findings.ts";
import { silent } from "../graph.ts";

/** What is known where Cloudflare alone was asked. */
export function nothingFound(publicUrl: string | null, cloudflare: CloudflareFindings): Findings {
  const unasked = silent("Not asked");
  return {
    now: Date.now(),
    settings: {
      phoneNumberIds: [],
      businessAccountId: "",
      apiVersion: "",
      publicUrl,
      templates: [],
      defaultLanguage: "en_US",
      asksIdentity: false,
      appSecret: "secret",
    },
    meta: {
      token: unasked,
      app: unasked,
      secret: unasked,
      otherAppOfSecret: null,
      account: unasked,
      senders: [],
      numbers: unasked,
      subscribedApps: unasked,
      subscriptions: unasked,
      templates: unasked,
      assignedUsers: unasked,
      identityCheck: unasked,
      badge: unasked,
    },
    memory: null,
    platform: null,
    cloudflare,
  };
}
