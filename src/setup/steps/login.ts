import { done, type Setup, type Step, stop, TODO } from "./step.ts";
import { jsonIn, NEEDED_PERMISSIONS } from "./wrangler-output.ts";

/** Step 5: whether wrangler may act for a Cloudflare account. */
export const login: Step = {
  id: "login",
  title: "Cloudflare",
  async isDone(setup) {
    if (!setup.options.deploys) return done("not needed for a deployment that exists");
    const account = await whoIsLoggedIn(setup);
    return account === null ? TODO : done(account);
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
    const account = await whoIsLoggedIn(setup);
    return account === null
      ? stop("wrangler is still not logged in. Run: npx wrangler login")
      : done(account);
  },
};

async function whoIsLoggedIn({ cloudflare }: Setup): Promise<string | null> {
  const { code, stdout } = await cloudflare.run(["whoami", "--json"]);
  const answer = jsonIn(stdout) as { loggedIn?: boolean; accounts?: { name?: string }[] } | null;
  if (code !== 0 || answer?.loggedIn !== true) return null;
  const names = (answer.accounts ?? []).map(({ name }) => name ?? "").filter((name) => name !== "");
  return names.length === 0 ? "logged in" : `account ${names.join(", ")}`;
}
