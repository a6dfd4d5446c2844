import type { SubscribedApp, Subscription } from "../meta-nodes.ts";
import { WEBHOOK_OBJECT, WEBHOOK_PATH } from "../webhook-address.ts";
import { noAnswer, refusal } from "./access.ts";
import { fetchSubscribedApps, fetchSubscriptions } from "./meta.ts";
import { learned, type Setup, type Stop, stop } from "./step.ts";
import { upload } from "./upload.ts";
import { faultOf, sentenceOf } from "./wrangler-output.ts";

type Look =
  | Stop
  | {
      readonly kind: "found";
      readonly subscription: Subscription | null;
      readonly account: SubscribedApp | null;
    };

export async function look(setup: Setup): Promise<Look> {
  const { id } = learned(setup, "app");
  const graph = setup.graph();
  const [subscriptions, apps] = await Promise.all([
    fetchSubscriptions(graph, id),
    fetchSubscribedApps(graph, learned(setup, "account").id),
  ]);
  if (subscriptions.kind !== "answered") return refusal(subscriptions, "Meta did not show the webhook.");
  if (apps.kind !== "answered") return refusal(apps, "Meta did not show the apps of the account.");
  const isOfWhatsApp = (candidate: Subscription) =>
    candidate.object === WEBHOOK_OBJECT && candidate.callbackUrl !== null;
  return {
    kind: "found",
    subscription: subscriptions.value.find(isOfWhatsApp) ?? null,
    account: apps.value.find((app) => app.id === id) ?? null,
  };
}

export function callbackUrl(setup: Setup): string {
  return `${learned(setup, "url")}${WEBHOOK_PATH}`;
}

/** Meta calls a new address at once, when its name may not be known everywhere. */

const HANDSHAKES = { tries: 4, pauseMs: 4_000 };
/** "Callback verification failed". */
const HANDSHAKE_FAILED = 2200;

export async function postWithHandshake(
  setup: Setup,
  post: () => ReturnType<ReturnType<Setup["graph"]>["post"]>,
): Promise<Stop | null> {
  for (let tries = 1; ; tries += 1) {
    const answer = await post();
    if (answer.kind === "answered") return null;
    if (answer.kind === "silent") return noAnswer(answer.reason);
    const isHandshake = answer.error.code === HANDSHAKE_FAILED;
    if (!isHandshake || tries === HANDSHAKES.tries) {
      return refusal(answer, `Meta did not take ${callbackUrl(setup)} as a webhook.`);
    }
    await setup.pause(HANDSHAKES.pauseMs);
  }
}

type VerifyToken =
  | { readonly kind: "token"; readonly value: string }
  /** Only the deployment, which this run does not deploy, knows it. */
  | { readonly kind: "unknown" }
  | Stop;

/** The verify token cannot be read back: a run that did not make it uploads another one. */
export async function verifyTokenOf(setup: Setup): Promise<VerifyToken> {
  const { known, options } = setup;
  if (known.verifyToken !== null) return { kind: "token", value: known.verifyToken };
  if (!options.deploys) return { kind: "unknown" };
  const value = setup.random.key();
  const fault = faultOf(await upload(setup, { WHATSAPP_VERIFY_TOKEN: value }));
  if (fault !== null) return stop(sentenceOf(fault));
  known.verifyToken = value;
  return { kind: "token", value };
}

export const GIVE_VERIFY_TOKEN =
  "Set WHATSAPP_VERIFY_TOKEN to the deployment's verify token, which cannot be read back.";
