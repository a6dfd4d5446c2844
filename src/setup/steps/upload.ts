import type { DeployRun } from "./outside.ts";
import { type Setup, type Stop, stop } from "./step.ts";
import { adoptNamespaces, deadLetterQueues, type Namespace, readVar } from "./worker-settings.ts";
import { faultOf, jsonIn, sentenceOf } from "./wrangler-output.ts";

/** The longest that Cloudflare keeps a message. Dead letters are tried again for as long. */
const RETENTION_SECONDS = 14 * 86_400;

/** Wrangler would make them as well, for four days. */
export async function createDeadLetterQueues({ cloudflare, known, project }: Setup): Promise<void> {
  const missing = deadLetterQueues(await project.readSettings()).filter(
    (queue) => !new RegExp(`\\b${queue}(?![\\w-])`).test(known.queueList),
  );
  // Where this fails, the queue exists although the list does not show it, or the plan has a fixed retention.
  const retention = ["--message-retention-period-secs", String(RETENTION_SECONDS)];
  for (const queue of missing) await cloudflare.run(["queues", "create", queue, ...retention]);
}

type Deployed = DeployRun & { readonly kind: "deployed" };

/**
 * Deploys, with the namespaces that an interrupted first deploy has left.
 *
 * @param wasTried Whether an earlier run has begun a deploy.
 */
export async function deployWithWhatWasLeft(
  setup: Setup,
  secrets: Record<string, string>,
  wasTried: boolean,
): Promise<Deployed | Stop> {
  const isFirst = setup.known.secretNames === null;
  const run = await upload(setup, secrets, isFirst && wasTried ? await adoptingSettings(setup) : null);
  const fault = faultOf(run);
  if (fault?.kind === "no_subdomain" && setup.prompt !== null) {
    setup.print({ kind: "note", text: sentenceOf(fault), url: fault.link });
    await setup.prompt.goOn("Press Enter when the name is registered");
    return deployWithWhatWasLeft(setup, secrets, true);
  }
  // Left by a deploy that no setup has begun.
  if (fault?.kind === "leftovers") return result(await upload(setup, secrets, await adoptingSettings(setup)));
  return result(run);
}

async function adoptingSettings({ cloudflare, project }: Setup): Promise<string> {
  const list = await cloudflare.run(["kv", "namespace", "list"]);
  return adoptNamespaces(await project.readSettings(), (jsonIn(list.stdout) ?? []) as Namespace[]);
}

function result(run: DeployRun): Deployed | Stop {
  const fault = faultOf(run);
  return fault === null ? { kind: "deployed", ...run } : stop(sentenceOf(fault));
}

/** Deploys the Worker with secrets that are added to those it has. */
export async function upload(
  { cloudflare, options, project }: Setup,
  secrets: Readonly<Record<string, string>>,
  settings: string | null = null,
): Promise<DeployRun> {
  const args = options.domain === null ? [] : ["--domain", options.domain];
  const shipped = readVar(await project.readSettings(), "WHATSAPP_BASE_URL");
  // The deployment must talk to the Meta that this setup has looked at.
  if (shipped !== options.baseUrl) args.push("--var", `WHATSAPP_BASE_URL:${options.baseUrl}`);
  return cloudflare.deploy({ secrets, args, ...(settings === null ? {} : { settings }) });
}
