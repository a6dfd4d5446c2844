import * as z from "zod";
import { type AppName, DEFAULT_APP, parseAppName } from "../ids/app-name.ts";
import { Problem } from "../platform/problem.ts";
import { httpsAddress } from "../platform/secure-url.ts";
import { type Caller, isOperator } from "./caller.ts";

/** What the build may copy from the repository: no path leads out of it. */
const IMAGE_PATH = /^(?!\/|.*\.\.)[\w./-]{1,200}\.(svg|png|webp|jpg)$/;

/** What users see of one app, as a team writes it in `[vars.APPS.<name>]` of wrangler.toml. */
const appSchema = z
  .strictObject({
    /** The name that users know. */
    brand: z.string().min(1, "is empty").max(60, "is longer than 60 characters").optional(),
    /** An image of the repository, which the page of sign-in shows; or an address, which nothing loads. */
    logo: z
      .union(
        [z.string().regex(IMAGE_PATH), httpsAddress],
        "is neither the path of an svg, png, webp or jpg file of the repository nor an https address",
      )
      .optional(),
    accent: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/, "is not a color such as #0a7cff")
      .optional(),
    /** By what they lead to: `privacy`, `terms`, `help`. */
    links: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "is not a name such as privacy"), httpsAddress)
      .refine((links) => Object.keys(links).length <= 10, "has more than 10 entries")
      .default({}),
  })
  .transform(({ brand = null, logo = null, accent = null, links }) => ({ brand, logo, accent, links }));

export type App = z.output<typeof appSchema>;

/** The path of the app's logo in the repository; null where it has none. */
export function logoPath({ logo }: Pick<App, "logo">): string | null {
  return logo !== null && IMAGE_PATH.test(logo) ? logo : null;
}

/** The apps of a deployment by their names; `default` is always one of them. */
export type Apps = ReadonlyMap<AppName, App>;

/** The apps' part of the environment, for `.and(appSettings)`. */
export const appSettings = z
  .object({
    APPS: z
      .record(
        z
          .string()
          .refine(
            (name) => parseAppName(name) !== null,
            "is not an app's name: up to 32 lower-case letters, digits, underscores and hyphens, a letter first",
          ),
        appSchema,
      )
      .default({}),
  })
  .transform(({ APPS }): { readonly apps: Apps } => {
    const apps = new Map<AppName, App>([[DEFAULT_APP, appSchema.parse({})]]);
    for (const [text, app] of Object.entries(APPS)) {
      const name = parseAppName(text);
      if (name !== null) apps.set(name, app);
    }
    return { apps };
  });

/**
 * The caller with the app that its request names. The operator may name any configured app, and then acts for that app
 * alone; an API key belongs to one app and may only name that one.
 *
 * @param requested The text of the header `Sandi-App`; null without it.
 */
export function actingFor(caller: Caller, requested: string | null, apps: Apps): Caller {
  if (requested === null) return caller;
  const app = parseAppName(requested);
  if (app === null || !apps.has(app)) {
    throw new Problem("invalid_request", { detail: "Sandi-App has to name an app of this deployment." });
  }
  if (isOperator(caller)) return { ...caller, app, reach: app };
  if (app === caller.app) return caller;
  throw new Problem("forbidden", { detail: "Sandi-App names another app than the one of this API key." });
}
