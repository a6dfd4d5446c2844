import { WEBHOOK_OBJECT } from "../webhook-address.ts";
import { noAnswer, refusal } from "./access.ts";
import { fetchSubscribedApps, fetchSubscriptions, nameOf } from "./meta.ts";
import { learned, type Setup, type Stop } from "./step.ts";

/** One thing that `--remove` undoes. */
export interface Removal {
  readonly text: string;
  readonly do: () => Promise<Stop | null>;
}

/**
 * What a setup has made at Meta and is still there. Never the registration of the number, which would send nothing
 * from anywhere then, and nothing at Cloudflare, where the database is.
 */
export async function removals(setup: Setup): Promise<Stop | readonly Removal[]> {
  const graph = setup.graph();
  const [app, account] = [learned(setup, "app"), learned(setup, "account")];
  const { url } = setup.state.current;
  const [subscriptions, apps] = await Promise.all([
    fetchSubscriptions(graph, app.id),
    fetchSubscribedApps(graph, account.id),
  ]);
  if (subscriptions.kind !== "answered")
    return refusal(subscriptions, "Meta did not show the app's webhook.");
  if (apps.kind !== "answered") return refusal(apps, "Meta did not show the apps of the account.");
  const isOurs = subscriptions.value.some(
    ({ object, callbackUrl }) =>
      object === WEBHOOK_OBJECT &&
      callbackUrl !== null &&
      URL.parse(callbackUrl)?.origin === (setup.options.url ?? url),
  );
  const subscribed = apps.value.find(({ id }) => id === app.id);
  return [
    ...(subscribed === undefined
      ? []
      : [
          {
            text: `unsubscribe app ${app.name} from WhatsApp account ${nameOf(account)}`,
            do: () => ended(graph.remove(`${account.id}/subscribed_apps`)),
          },
        ]),
    ...(isOurs
      ? [
          {
            text: `remove the webhook of app ${app.name}`,
            do: () => ended(graph.asApp(app.id).remove(`${app.id}/subscriptions?object=${WEBHOOK_OBJECT}`)),
          },
        ]
      : []),
  ];
}

async function ended(call: ReturnType<ReturnType<Setup["graph"]>["remove"]>): Promise<Stop | null> {
  const answer = await call;
  if (answer.kind === "answered") return null;
  return answer.kind === "silent" ? noAnswer(answer.reason) : refusal(answer, "Meta refused.");
}
