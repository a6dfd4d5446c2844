import { toIso } from "../../platform/time.ts";
import { done, learned, type Setup, type Step, type Stop, stop, TODO, usage } from "./step.ts";
import { createDeadLetterQueues, deployWithWhatWasLeft } from "./upload.ts";
import { faultOf, isMissingWorker, secretNamesIn, sentenceOf } from "./wrangler-output.ts";

/** Step 6: the Worker with its secrets, and the tables of its journal. */
export const deploy: Step = {
  id: "deploy",
  title: "Deploy",
  async isDone(setup) {
    const { known, options, state } = setup;
    known.url = addressOf(setup) ?? state.current.url ?? null;
    known.adminKey = options.wantsNewAdminKey ? null : options.adminKey;
    known.verifyToken = options.verifyToken;
    if (!options.deploys) {
      return known.adminKey === null ? TODO : done(`continues with ${known.url}`);
    }
    const [list, queues] = await Promise.all([
      setup.cloudflare.run(["secret", "list"]),
      setup.cloudflare.run(["queues", "list"]),
    ]);
    const fault = faultOf(list);
    if (fault !== null && !isMissingWorker(list.output)) return stop(sentenceOf(fault));
    const queuesFault = faultOf(queues);
    if (queuesFault?.kind === "no_permission") return stop(sentenceOf(queuesFault));
    known.secretNames = fault === null ? (secretNamesIn(list.stdout) ?? []) : null;
    known.queueList = queues.stdout;
    return known.adminKey !== null && (await isCurrent(setup)) ? CURRENT : TODO;
  },
  async do(setup) {
    const { known, options, state } = setup;
    const key = await adminKey(setup);
    if (key.kind === "stop") return key;
    known.adminKey = key.value;
    if (!options.deploys) return done(`continues with ${known.url}`);
    if (!key.isNew && (await isCurrent(setup))) return CURRENT;
    const secrets = secretsFor(setup, key);
    const wasTried = state.current.adminKey === "made";
    if (key.isNew) await state.update({ adminKey: "made" });
    await createDeadLetterQueues(setup);
    const run = await deployWithWhatWasLeft(setup, secrets, wasTried);
    if (run.kind === "stop") return run;
    known.isUploaded = true;
    known.url = addressOf(setup) ?? run.targets.find((target) => target.startsWith("https://")) ?? null;
    if (known.url === null) {
      return stop("wrangler deployed the Worker and reported no address. Give it with --domain.");
    }
    if (key.isNew) await showAdminKey(setup, key.value);
    await state.update({ url: known.url });
    const migrated = await setup.cloudflare.run(["d1", "migrations", "apply", "JOURNAL", "--remote"]);
    const fault = faultOf(migrated);
    if (fault !== null) return stop(`The tables of the journal could not be made. ${sentenceOf(fault)}`);
    const deployed = { at: toIso(setup.now()), fingerprint: await fingerprint(setup) };
    await state.update({ deployed });
    return done(known.url);
  },
};

const REQUIRED = [
  "SECRET_KEY",
  "ADMIN_KEY",
  "WHATSAPP_ACCESS_TOKEN",
  "WHATSAPP_APP_SECRET",
  "WHATSAPP_VERIFY_TOKEN",
];

const CURRENT = done("the Worker is deployed as it is here");

async function isCurrent(setup: Setup): Promise<boolean> {
  const { secretNames, url } = setup.known;
  const hasAll = secretNames !== null && REQUIRED.every((name) => secretNames.includes(name));
  return hasAll && url !== null && (await fingerprint(setup)) === setup.state.current.deployed?.fingerprint;
}

/** The deployment's origin where it does not come from wrangler. */
function addressOf({ options }: Setup): string | null {
  return options.url ?? (options.domain === null ? null : `https://${options.domain}`);
}

/** A changed token, secret, setting or source is deployed anew. */
function fingerprint(setup: Setup): Promise<string> {
  const { options } = setup;
  const values = [
    learned(setup, "accessToken"),
    learned(setup, "appSecret"),
    options.baseUrl,
    options.domain ?? "",
  ];
  return setup.project.fingerprint(values);
}

type AdminKey = { readonly kind: "key"; readonly value: string; readonly isNew: boolean };

/** The key in use cannot be read back; one that no one has seen is replaced. */
async function adminKey(setup: Setup): Promise<AdminKey | Stop> {
  const { known, options, state, prompt } = setup;
  const exists = !options.deploys || (known.secretNames?.includes("ADMIN_KEY") ?? false);
  if (!exists) return { kind: "key", value: options.adminKey ?? setup.random.key(), isNew: true };
  const isReplaced =
    options.wantsNewAdminKey || (options.adminKey === null && state.current.adminKey === "made");
  if (options.deploys && isReplaced) return { kind: "key", value: setup.random.key(), isNew: true };
  if (options.adminKey !== null) return { kind: "key", value: options.adminKey, isNew: false };
  if (prompt === null) {
    const another = options.deploys ? ", or make a new one with --new-admin-key" : "";
    return usage(
      `The deployment has an admin key, which cannot be read back. Set ADMIN_KEY to it${another}.`,
    );
  }
  const typed = await prompt.secret(
    "Admin key of the deployment",
    "The run that made it has shown it once. If it is lost: Ctrl-C, then run this with --new-admin-key.",
  );
  return { kind: "key", value: typed, isNew: false };
}

/** Never a second SECRET_KEY: it would void every stored digest of a code, a key and a number. */
function secretsFor(setup: Setup, key: AdminKey): Record<string, string> {
  const { known, options } = setup;
  const names = known.secretNames ?? [];
  const secrets: Record<string, string> = {
    WHATSAPP_ACCESS_TOKEN: learned(setup, "accessToken"),
    WHATSAPP_APP_SECRET: learned(setup, "appSecret"),
  };
  if (!names.includes("SECRET_KEY")) secrets.SECRET_KEY = setup.random.key();
  if (key.isNew) secrets.ADMIN_KEY = key.value;
  if (options.verifyToken !== null || !names.includes("WHATSAPP_VERIFY_TOKEN")) {
    known.verifyToken = options.verifyToken ?? setup.random.key();
    secrets.WHATSAPP_VERIFY_TOKEN = known.verifyToken;
  }
  return secrets;
}

async function showAdminKey(setup: Setup, value: string): Promise<void> {
  if (value !== setup.options.adminKey) {
    const note = "It has every permission. Keep it in a password manager: it cannot be read back.";
    setup.print({ kind: "once", label: "Admin key", value, note });
  }
  await setup.state.update({ adminKey: "shown" });
}
