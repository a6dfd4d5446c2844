import { foreignAccountUpdates, foreignWebhooks } from "./foreign-scenarios.ts";
import { type Mutation, mutation } from "./mutation.ts";

const WEBHOOK = "channels/whatsapp/webhook.ts";

/** Breaks the half of invariant 6 that is about whose webhooks count, and until when. */
export const FOREIGN_MUTATIONS: readonly Mutation[] = [
  mutation(
    6,
    "a webhook of another account is applied",
    foreignAccountUpdates,
    WEBHOOK,
    "if (change.account !== businessAccountId) return",
    "if (change.account === businessAccountId.slice(1)) return",
  ),
  mutation(
    6,
    "a webhook of another sender is applied",
    foreignWebhooks,
    WEBHOOK,
    "return phoneNumberIds.has(sender) ? null :",
    "return phoneNumberIds.size > 0 ? null :",
  ),
  mutation(
    6,
    "an account update of days ago stops sends",
    foreignAccountUpdates,
    "channels/whatsapp/shared-circuits.ts",
    "if (now - at > LARGEST_AGE_MS) return false;",
    "if (at - now > LARGEST_AGE_MS) return false;",
  ),
];
