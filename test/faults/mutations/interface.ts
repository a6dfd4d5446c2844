import { type Mutation, mutation } from "./mutation.ts";
import * as scenarios from "./scenarios.ts";

const WEBHOOK = "http/webhooks/whatsapp/webhook.ts";
const MOUNT = "http/mount.ts";
const INPUT = "http/parse-input.ts";

/** Breaks invariants 6 to 9: webhooks, events, keys and bad input. */
export const INTERFACE_MUTATIONS: readonly Mutation[] = [
  mutation(
    6,
    "an unsigned webhook is applied",
    scenarios.postForgedWebhooks,
    WEBHOOK,
    'const isSigned = isSignedByMeta(raw, c.req.header("x-hub-signature-256"), appSecret);',
    `const signature = c.req.header("x-hub-signature-256");
    const isSigned = !signature || isSignedByMeta(raw, signature, appSecret);`,
  ),
  mutation(
    6,
    "a webhook is acknowledged before it is applied",
    scenarios.crashAfterReadReceipt,
    WEBHOOK,
    "const effects = await Promise.allSettled(applyChanges(own, subscribed, appliers, onSkipped));",
    `const apply = () => Promise.allSettled(applyChanges(own, subscribed, appliers, onSkipped));
    c.executionCtx.waitUntil(new Promise((go) => setTimeout(go, 10_000)).then(apply));
    const effects: PromiseSettledResult<void>[] = [];`,
  ),
  mutation(
    6,
    "a late update overwrites a later status",
    scenarios.repeatOldWebhooks,
    "messages/delivery-update.ts",
    "PROGRESS[update.status] > PROGRESS[message.status];",
    "PROGRESS[update.status] !== PROGRESS[message.status];",
  ),
  mutation(
    7,
    "an event that the queue refuses is dropped",
    scenarios.closeDuringOutage,
    "platform/durable-record.ts",
    "this.#mark(keys, null);",
    'this.#mark(keys, "acknowledged");',
  ),
  mutation(
    7,
    "a repeated event has a new id",
    scenarios.closeWithLostResponses,
    "phone-number/phone-number.ts",
    "sendAll(this.env.EVENTS, events)",
    "sendAll(this.env.EVENTS, events.map((event) => ({ ...event, id: crypto.randomUUID() })))",
  ),
  mutation(
    8,
    "a key without the scope is accepted",
    scenarios.unauthorizedRequests,
    MOUNT,
    "if (!authenticated.scopes.includes(definition.scope)) {",
    "if (authenticated.scopes.length === 0) {",
  ),
  mutation(
    8,
    "a request without a key is accepted",
    scenarios.unauthorizedRequests,
    MOUNT,
    "const caller = await authenticate(c.req.raw);",
    `const anybody = { id: "anybody", name: "", scopes: ["verifications"], app: "default", reach: null };
    const caller = (await authenticate(c.req.raw)) ?? anybody;`,
  ),
  mutation(
    9,
    "an unknown field is rejected without its name",
    scenarios.invalidRequests,
    INPUT,
    "return issue.keys.map((key) => ({",
    "return issue.keys.slice(1).map((key) => ({",
  ),
  mutation(
    9,
    "bad input is answered with 500",
    scenarios.invalidRequests,
    INPUT,
    "throw withFaults(code, issues.flatMap(faultsOf));",
    "throw new TypeError(code);",
  ),
  mutation(
    9,
    "an unknown field is ignored",
    scenarios.invalidRequests,
    "http/v1/verifications/check.ts",
    ".strictObject({\n          code: typedCode,",
    ".object({\n          code: typedCode,",
  ),
];
