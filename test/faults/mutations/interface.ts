import { type Mutation, mutation } from "./mutation.ts";
import * as scenarios from "./scenarios.ts";

const WEBHOOK = "http/webhooks/whatsapp/webhook.ts";
const MOUNT = "http/mount.ts";
const INPUT = "http/parse-input.ts";

/** Invariants 6 to 9: webhooks, events, gates and bad input. */
export const INTERFACE_MUTATIONS: readonly Mutation[] = [
  mutation(
    6,
    "webhooks are believed unsigned",
    scenarios.beForged,
    WEBHOOK,
    'if (!isSignedByMeta(raw, c.req.header("x-hub-signature-256"), appSecret)) {',
    `const signature = c.req.header("x-hub-signature-256");
    if (signature && !isSignedByMeta(raw, signature, appSecret)) {`,
  ),
  mutation(
    6,
    "a webhook is acknowledged before it is applied",
    scenarios.crashAfterReadReceipt,
    WEBHOOK,
    "const effects = await Promise.allSettled(applyChanges(changes, wanted, appliers));",
    `const apply = () => Promise.allSettled(applyChanges(changes, wanted, appliers));
    c.executionCtx.waitUntil(new Promise((go) => setTimeout(go, 10_000)).then(apply));
    const effects: PromiseSettledResult<void>[] = [];`,
  ),
  mutation(
    6,
    "the last update stands, not the furthest",
    scenarios.repeatOldWebhooks,
    "messages/delivery-update.ts",
    "PROGRESS[update.status] > PROGRESS[message.status];",
    "PROGRESS[update.status] !== PROGRESS[message.status];",
  ),
  mutation(
    7,
    "what the queue refuses is forgotten",
    scenarios.closeDuringOutage,
    "platform/durable-record.ts",
    "this.#mark(items, null);\n      log(",
    'this.#mark(items, "acknowledged");\n      log(',
  ),
  mutation(
    7,
    "an event has another id each time",
    scenarios.closeWithLostResponses,
    "phone-number/phone-number.ts",
    "sendAll(this.env.EVENTS, events)",
    "sendAll(this.env.EVENTS, events.map((event) => ({ ...event, id: crypto.randomUUID() })))",
  ),
  mutation(
    8,
    "nobody looks at a key's scopes",
    scenarios.requestWithoutAccess,
    MOUNT,
    "if (!caller.scopes.includes(definition.scope)) {",
    "if (caller.scopes.length === 0) {",
  ),
  mutation(
    8,
    "whoever has no key is let in",
    scenarios.requestWithoutAccess,
    MOUNT,
    'if (caller === null) throw new Problem("unauthorized");\n    return caller;',
    'return caller ?? { id: "anybody", scopes: ["verifications"] };',
  ),
  mutation(
    9,
    "unknown fields are refused but not named",
    scenarios.sendInvalidRequest,
    INPUT,
    "return issue.keys.map((key) => ({",
    "return issue.keys.slice(1).map((key) => ({",
  ),
  mutation(
    9,
    "bad input is answered as our own fault",
    scenarios.sendInvalidRequest,
    INPUT,
    "throw withFaults(code, issues.flatMap(faultsOf));",
    "throw new TypeError(code);",
  ),
  mutation(
    9,
    "unknown fields are passed over",
    scenarios.sendInvalidRequest,
    "http/v1/verifications/check.ts",
    "body: z.strictObject({ code: typedCode, bind: binding.optional() })",
    "body: z.object({ code: typedCode, bind: binding.optional() })",
  ),
];
