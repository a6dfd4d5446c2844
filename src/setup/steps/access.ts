import type { Answer } from "../graph.ts";
import type { Account, Token } from "../meta-nodes.ts";
import {
  fetchAccount,
  fetchApp,
  fetchAppByItself,
  fetchNumber,
  fetchNumbers,
  fetchToken,
  MANAGEMENT,
  MESSAGING,
  nameOf,
  type OwnNumber,
} from "./meta.ts";
import { OUTLOOKS, outlookOf } from "./outlook.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO, usage } from "./step.ts";

const WAY_TO_TOKEN =
  "Business settings, System users: a user with full control of the app and of the WhatsApp account; Generate token, " +
  `expiry never, permissions ${MANAGEMENT} and ${MESSAGING}.`;
const WAY_TO_SECRET = "App dashboard, App settings, Basic, App secret.";

/** Step 1: what the token may do, and the account and the number that follow from it. */
export const token: Step = {
  id: "token",
  title: "Access token",
  async isDone(setup) {
    return setup.known.accessToken === null ? TODO : examineToken(setup);
  },
  async do(setup) {
    if (setup.prompt === null) return usage("The access token is missing.");
    setup.known.accessToken = await setup.prompt.secret("Access token of the system user", WAY_TO_TOKEN);
    return examineToken(setup);
  },
};

async function examineToken(setup: Setup): Promise<Done | Stop> {
  const { known, options } = setup;
  const graph = setup.graph();
  const [found, app] = await Promise.all([fetchToken(graph), fetchApp(graph)]);
  if (found.kind === "silent") return noAnswer(found.reason);
  if (found.kind === "refused" || !found.value.isValid || (found.value.expiresAt ?? Infinity) < setup.now()) {
    return stop(
      `Meta does not accept the access token: it is expired, withdrawn or not whole. ${WAY_TO_TOKEN}`,
    );
  }
  const { expiresAt, scopes } = found.value;
  const missing = [MANAGEMENT, MESSAGING].filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) {
    return stop(`The access token lacks the permission ${missing.join(" and ")}. ${WAY_TO_TOKEN}`);
  }
  if (expiresAt !== null && !options.acceptsTemporaryToken) {
    const until = new Date(expiresAt).toISOString().slice(0, 16).replace("T", " ");
    return stop(
      `The access token ends on ${until} UTC, and the deployment with it. Make a lasting one: ${WAY_TO_TOKEN} ` +
        "Or accept it with --temporary-token.",
    );
  }
  if (app.kind !== "answered") return refusal(app, "Meta did not name the app of the token.");
  known.token = found.value;
  known.app = app.value;
  const chosen = await chooseNumber(setup, found.value);
  if (chosen.kind === "stop") return chosen;
  known.account = chosen.account;
  known.number = chosen.number;
  const lasts = expiresAt === null ? "it does not expire" : "temporary";
  return done(
    `App ${app.value.name}, ${lasts}; account ${nameOf(chosen.account)}, number ${shown(chosen.number)}`,
  );
}

type Choice = { readonly kind: "chosen"; readonly account: Account; readonly number: OwnNumber };

async function chooseNumber(setup: Setup, found: Token): Promise<Choice | Stop> {
  const graph = setup.graph();
  const ids = await accountIds(setup, found);
  if (!Array.isArray(ids)) return ids as Stop;
  const accounts: { account: Account; numbers: readonly OwnNumber[] }[] = [];
  for (const id of ids) {
    const [account, numbers] = await Promise.all([fetchAccount(graph, id), fetchNumbers(graph, id)]);
    if (account.kind === "silent") return noAnswer(account.reason);
    if (account.kind === "refused") {
      const asNumber = await fetchNumber(graph, id);
      return stop(
        asNumber.kind === "answered"
          ? `The two ids are swapped: ${id} is a phone number's, not a WhatsApp account's.`
          : `The token's system user has no access to WhatsApp account ${id}. Business settings, System users: assign the account with full control.`,
      );
    }
    if (numbers.kind !== "answered")
      return refusal(numbers, `Meta did not list the numbers of ${nameOf(account.value)}.`);
    accounts.push({ account: account.value, numbers: numbers.value });
  }
  const wanted = setup.options.phoneNumberId ?? (await idInSettings(setup));
  const all = accounts.flatMap(({ account, numbers }) => numbers.map((number) => ({ account, number })));
  const match = all.find(({ number }) => number.id === wanted);
  if (match !== undefined) return { kind: "chosen", ...match };
  if (setup.options.phoneNumberId !== null) {
    return stop(
      ids.includes(setup.options.phoneNumberId)
        ? `The two ids are swapped: ${setup.options.phoneNumberId} is a WhatsApp account's, not a phone number's.`
        : `${setup.options.phoneNumberId} is no number of ${accounts.map(({ account }) => `${nameOf(account)} (${account.id})`).join(", ")}.`,
    );
  }
  const [first] = all;
  if (first === undefined) {
    return stop(
      "The WhatsApp account has no phone number. WhatsApp Manager, Phone numbers, Add phone number.",
    );
  }
  if (all.length === 1) return { kind: "chosen", ...first };
  if (setup.prompt === null) {
    return usage(
      `There are several numbers. Give --phone-number-id: ${all.map(({ number }) => number.id).join(", ")}.`,
    );
  }
  const id = await setup.prompt.choose(
    "Which number sends the codes?",
    all.map(({ account, number }) => ({
      value: number.id,
      label: `${number.name ?? "no display name"}, ${shown(number)}`,
      hint: [number.status, number.limit, nameOf(account)].filter((part) => part !== null).join(", "),
    })),
  );
  const choice = all.find(({ number }) => number.id === id) ?? first;
  return { kind: "chosen", ...choice };
}

async function accountIds(setup: Setup, { accounts }: Token): Promise<readonly string[] | Stop> {
  const { options, prompt } = setup;
  if (options.businessAccountId !== null) return [options.businessAccountId];
  if (accounts !== null && accounts.length > 0) return accounts;
  if (prompt === null)
    return usage("Meta does not say which WhatsApp account the token is for. Give --business-account-id.");
  const id = await prompt.text(
    "Id of the WhatsApp account",
    "WhatsApp Manager, Account tools, Phone numbers.",
  );
  return [id.trim()];
}

async function idInSettings({ project }: Setup): Promise<string | null> {
  const settings = await project.readSettings();
  return /^WHATSAPP_PHONE_NUMBER_ID = "(\d+)"/m.exec(settings)?.[1] ?? null;
}

/** A number as a screen shows it: never whole. */
export function shown({ id, maskedNumber }: OwnNumber): string {
  return maskedNumber ?? id;
}

/** Step 2: whether the secret is that of the token's app. */
export const secret: Step = {
  id: "secret",
  title: "App secret",
  async isDone(setup) {
    return setup.known.appSecret === null ? TODO : examineSecret(setup);
  },
  async do(setup) {
    if (setup.prompt === null) return usage("The app secret is missing.");
    const { id, name } = learned(setup, "app");
    setup.known.appSecret = await setup.prompt.secret(`App secret of ${name} (app ${id})`, WAY_TO_SECRET);
    return examineSecret(setup);
  },
};

async function examineSecret(setup: Setup): Promise<Done | Stop> {
  const app = learned(setup, "app");
  const answer = await fetchAppByItself(setup.graph(), app.id);
  if (answer.kind === "answered") return done(`It is that of app ${app.name} (${app.id})`);
  if (answer.kind === "silent") return noAnswer(answer.reason);
  return stop(`The app secret is not that of app ${app.name} (${app.id}). ${WAY_TO_SECRET}`);
}

/** Step 3: what this setup can reach, said before anything is changed. */
export const outlook: Step = {
  id: "outlook",
  title: "Outlook",
  async isDone(setup) {
    const found = outlookOf(learned(setup, "account"), learned(setup, "number"));
    setup.known.outlook = found;
    const notes = found.reasons.map((text) => ({ text }));
    return { ...done(OUTLOOKS[found.kind]), isPartial: found.kind !== "ready", notes };
  },
  do: () => Promise.resolve(done("")),
};

export function noAnswer(reason: string): Stop {
  return stop(`${reason}. Run the same command again: it goes on from here.`);
}

/** Meta's refusal in its own words, or its silence. */
export function refusal(answer: Exclude<Answer<unknown>, { kind: "answered" }>, sentence: string): Stop {
  if (answer.kind === "silent") return noAnswer(answer.reason);
  const { code, subcode, message } = answer.error;
  return stop(`${sentence} Meta: "${message}" (${subcode === null ? code : `${code}/${subcode}`})`);
}
