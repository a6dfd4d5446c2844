import type { SubscribedApp, Subscription } from "../meta-nodes.ts";
import { WEBHOOK_FIELDS, WEBHOOK_OBJECT, WEBHOOK_PATH } from "../webhook-address.ts";
import { noAnswer, refusal } from "./access.ts";
import { callDeployment, problemOf } from "./answers.ts";
import { fetchSubscribedApps, fetchSubscriptions, nameOf } from "./meta.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO, type Todo } from "./step.ts";
import { upload } from "./upload.ts";
import { faultOf, sentenceOf } from "./wrangler-output.ts";

/** Meta calls a new address at once, when its name may not be known everywhere. */
const HANDSHAKES = { tries: 4, pauseMs: 4_000 };
/** "Callback verification failed". */
const HANDSHAKE_FAILED = 2200;

/** Step 9: the app's webhook. An app has one address; another project's is never taken without a word. */
export const appWebhook: Step = {
  id: "app_webhook",
  title: "Webhook of app",
  async isDone(setup) {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const { subscription, account } = found;
    if (account?.overrideUrl === callbackUrl(setup)) return done("this account's messages come here");
    if (subscription === null || isForeign(setup, subscription)) return TODO;
    const missing = WEBHOOK_FIELDS.filter((field) => !subscription.fields.includes(field));
    const isOurs = subscription.callbackUrl === callbackUrl(setup);
    return isOurs && missing.length === 0
      ? done(`${WEBHOOK_FIELDS.length} fields come to ${hostOf(callbackUrl(setup))}`)
      : TODO;
  },
  async do(setup) {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const { subscription } = found;
    if (subscription !== null && isForeign(setup, subscription)) {
      const choice = await chooseWhatToDo(setup, subscription);
      if (typeof choice !== "string") return choice;
      if (choice === "waba") return overrideAccount(setup);
    }
    return subscribe(setup, subscription);
  },
};

type Look =
  | Stop
  | {
      readonly kind: "found";
      readonly subscription: Subscription | null;
      readonly account: SubscribedApp | null;
    };

async function look(setup: Setup): Promise<Look> {
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

/** Another project's; one that an earlier setup made, before the deployment moved to another address, is ours. */
function isForeign(setup: Setup, { callbackUrl: url }: Subscription): boolean {
  return url !== null && url !== setup.state.current.webhook && hostOf(url) !== hostOf(callbackUrl(setup));
}

async function chooseWhatToDo(
  setup: Setup,
  { callbackUrl: url }: Subscription,
): Promise<"app" | "waba" | Stop> {
  const host = hostOf(url ?? "");
  const app = learned(setup, "app").name;
  const sentence = `App ${app} sends its webhooks to ${host}`;
  if (setup.options.webhook !== null) return setup.options.webhook;
  const another = `${sentence}, another project's address, and nothing was changed. Best is another app for Sandi.`;
  if (setup.prompt === null) {
    return stop(
      `${another} Or choose: --webhook waba sends only this account's messages here; --webhook app takes the address over, and ${host} hears nothing more.`,
    );
  }
  const choice = await setup.prompt.choose(`${sentence}. What should happen?`, [
    { value: "other", label: "Use another app", hint: "the best: one app for each project" },
    {
      value: "waba",
      label: "Send only this account's messages here",
      hint: `news of templates and of the account stay with ${host}`,
    },
    { value: "app", label: "Take it over", hint: `${host} hears nothing more` },
  ]);
  return choice === "other" ? stop(another) : (choice as "app" | "waba");
}

async function subscribe(setup: Setup, before: Subscription | null): Promise<Done | Stop> {
  const { id } = learned(setup, "app");
  const verifyToken = await verifyTokenOf(setup);
  if (verifyToken.kind !== "token") return verifyToken;
  const fields = [...new Set([...(before?.fields ?? []), ...WEBHOOK_FIELDS])];
  const refused = await postWithHandshake(setup, () =>
    setup
      .graph()
      .asApp(id)
      .post(
        `${id}/subscriptions`,
        new URLSearchParams({
          object: WEBHOOK_OBJECT,
          callback_url: callbackUrl(setup),
          verify_token: verifyToken.value,
          fields: fields.join(","),
          include_values: "true",
        }),
      ),
  );
  if (refused !== null) return refused;
  await setup.state.update({ webhook: callbackUrl(setup) });
  return checkFields(setup, verifyToken.value);
}

/** Reads back, because Meta may accept the address and ignore the fields. */
async function checkFields(setup: Setup, verifyToken: string): Promise<Done | Stop> {
  for (;;) {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const has = found.subscription?.fields ?? [];
    const missing = WEBHOOK_FIELDS.filter((field) => !has.includes(field));
    if (missing.length === 0)
      return done(`${WEBHOOK_FIELDS.length} fields come to ${hostOf(callbackUrl(setup))}`);
    const page = `https://developers.facebook.com/apps/${learned(setup, "app").id}/whatsapp-business/wa-settings/`;
    const sentence = `Meta did not subscribe the app to ${missing.join(", ")}. Do it in the app dashboard, WhatsApp, Configuration, Webhook fields: ${page}`;
    if (setup.prompt === null) return stop(sentence);
    setup.print({ kind: "note", text: sentence });
    setup.print({
      kind: "once",
      label: "Callback URL",
      value: callbackUrl(setup),
      note: "If the page asks for it.",
    });
    setup.print({
      kind: "once",
      label: "Verify token",
      value: verifyToken,
      note: "If the page asks for it.",
    });
    await setup.prompt.goOn("Press Enter when the fields are subscribed");
  }
}

/** Only this account's messages come here, whatever the app's own address is. */
async function overrideAccount(setup: Setup): Promise<Done | Stop> {
  const verifyToken = await verifyTokenOf(setup);
  if (verifyToken.kind !== "token") return verifyToken;
  const refused = await postWithHandshake(setup, () =>
    setup.graph().post(`${learned(setup, "account").id}/subscribed_apps`, {
      override_callback_uri: callbackUrl(setup),
      verify_token: verifyToken.value,
    }),
  );
  return refused ?? done("this account's messages come here; the app's own address stays");
}

async function postWithHandshake(
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

type VerifyToken = { readonly kind: "token"; readonly value: string } | Done | Stop;

/**
 * The verify token, which cannot be read back. A run that did not make it uploads another; of a deployment that this run
 * does not deploy, the deployment makes the subscription itself.
 */
async function verifyTokenOf(setup: Setup): Promise<VerifyToken> {
  const { known, options } = setup;
  if (known.verifyToken !== null) return { kind: "token", value: known.verifyToken };
  if (!options.deploys) return letTheDeploymentSubscribe(setup);
  const value = setup.random.key();
  const fault = faultOf(await upload(setup, { WHATSAPP_VERIFY_TOKEN: value }));
  if (fault !== null) return stop(sentenceOf(fault));
  known.verifyToken = value;
  return { kind: "token", value };
}

async function letTheDeploymentSubscribe(setup: Setup): Promise<Done | Stop> {
  const checks = ["webhook.url", "webhook.fields"];
  const answer = await callDeployment(setup, "POST", "/v1/doctor/repairs", { checks });
  if (answer?.status !== 200) {
    return stop(
      `${problemOf(answer)} Set WHATSAPP_VERIFY_TOKEN to the deployment's verify token, which cannot be read back.`,
    );
  }
  const found = await look(setup);
  if (found.kind === "stop") return found;
  return found.subscription?.callbackUrl === callbackUrl(setup)
    ? done("the deployment made the subscription itself")
    : stop("The deployment could not make the subscription. Set WHATSAPP_VERIFY_TOKEN to its verify token.");
}

/** Step 10: the app's subscription to the account, without which Meta sends it nothing of this account. */
export const accountWebhook: Step = {
  id: "account_webhook",
  title: "Webhook of WABA",
  async isDone(setup): Promise<Done | Stop | Todo> {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const { account } = found;
    if (account === null) return TODO;
    const { overrideUrl } = account;
    const isElsewhere = overrideUrl !== null && overrideUrl !== callbackUrl(setup);
    if (overrideUrl !== null && !isElsewhere) return done("the account's messages come here by an override");
    if (!isElsewhere) return done(`the account's webhooks go to app ${learned(setup, "app").name}`);
    if (setup.options.webhook !== null) return TODO;
    return stop(
      `The account's messages are redirected to ${hostOf(overrideUrl)}, another project's address, and nothing was changed. To have them here, run this with --webhook waba.`,
    );
  },
  async do(setup) {
    if (setup.options.webhook === "waba") return overrideAccount(setup);
    const account = learned(setup, "account");
    const answer = await setup.graph().post(`${account.id}/subscribed_apps`, {});
    if (answer.kind !== "answered")
      return refusal(answer, `Meta did not subscribe the app to ${nameOf(account)}.`);
    return done(`subscribed app ${learned(setup, "app").name} to account ${nameOf(account)}`);
  },
};

function callbackUrl(setup: Setup): string {
  return `${learned(setup, "url")}${WEBHOOK_PATH}`;
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
