import { type Done, done, type Setup, type Step, type Stop, stop, TODO, type Todo, usage } from "./step.ts";
import { readVar } from "./worker-settings.ts";
import { jsonIn, NEEDED_PERMISSIONS } from "./wrangler-output.ts";

/** Step 5: whether wrangler may act for a Cloudflare account. */
export const login: Step = {
  id: "login",
  title: "Cloudflare",
  async isDone(setup): Promise<Done | Stop | Todo> {
    const accounts = await accountsOf(setup);
    return accounts === null ? TODO : chooseAccount(setup, accounts);
  },
  async do(setup) {
    if (setup.prompt === null) {
      return stop(
        "wrangler is not logged in to Cloudflare, or the token is not valid. Set CLOUDFLARE_API_TOKEN to a token with the " +
          `permissions ${NEEDED_PERMISSIONS} (https://dash.cloudflare.com/profile/api-tokens).`,
      );
    }
    setup.print({
      kind: "note",
      text: "wrangler opens Cloudflare in your browser: log in and allow access.",
    });
    await setup.cloudflare.login();
    const accounts = await accountsOf(setup);
    if (accounts === null) return stop("wrangler is still not logged in. Run: npx wrangler login");
    return chooseAccount(setup, accounts);
  },
};

interface Account {
  readonly id: string;
  readonly name: string;
}

/** Null where wrangler is not logged in. */
async function accountsOf({ cloudflare }: Setup): Promise<readonly Account[] | null> {
  const { code, stdout } = await cloudflare.run(["whoami", "--json"]);
  const answer = jsonIn(stdout) as { loggedIn?: boolean; accounts?: readonly Account[] } | null;
  return code === 0 && answer?.loggedIn === true ? (answer.accounts ?? []) : null;
}

/** Without a terminal wrangler cannot ask which account is meant. */
async function chooseAccount(setup: Setup, accounts: readonly Account[]): Promise<Done | Stop> {
  const { cloudflare, project, prompt, state } = setup;
  const given = cloudflare.accountId ?? readVar(await project.readSettings(), "account_id");
  const [only] = accounts;
  if (given !== null || only === undefined || accounts.length === 1) {
    const named = accounts.find(({ id }) => id === given) ?? only;
    return done(named === undefined ? "logged in" : `account ${named.name}`);
  }
  const former = accounts.find(({ id }) => id === state.current.cloudflareAccountId);
  if (former === undefined && prompt === null) {
    const list = accounts.map(({ id, name }) => `${id} (${name})`).join(", ");
    return usage(`The login has several Cloudflare accounts. Set CLOUDFLARE_ACCOUNT_ID to one of ${list}.`);
  }
  const choices = accounts.map(({ id, name }) => ({ value: id, label: name }));
  const id = former?.id ?? (await prompt?.choose("Which Cloudflare account?", choices)) ?? only.id;
  cloudflare.useAccount(id);
  await state.update({ cloudflareAccountId: id });
  return done(`account ${accounts.find((account) => account.id === id)?.name ?? id}`);
}
