import * as z from "zod";
import { type AppName, type AppScope, parseAppName } from "../../ids/app-name.ts";
import type { Apps } from "../../keys/apps.ts";
import { type Caller, isOperator } from "../../keys/caller.ts";
import { Problem } from "../../platform/problem.ts";

/** An app's name in a body or a query. Whether the deployment has the app is for {@link configuredApp} to say. */
export const appName = z
  .string()
  .transform((text, context) => {
    const name = parseAppName(text);
    if (name !== null) return name;
    context.issues.push({ code: "custom", input: text, message: "This is not an app's name." });
    return z.NEVER;
  })
  .meta({ description: "One of the deployment's apps.", examples: ["default"] });

/** The name, if the deployment has such an app; a thrown problem otherwise. */
export function configuredApp(name: AppName, apps: Apps): AppName {
  if (apps.has(name)) return name;
  const detail = `The apps of this deployment are ${[...apps.keys()].join(", ")}.`;
  throw new Problem("invalid_request", { errors: [{ pointer: "/app", detail }] });
}

/**
 * Whose things a call is about that takes `app`. A caller with the scope `admin` may name any app, and means every app
 * unless it names one; another caller means its own.
 */
export function chosenApp(caller: Caller, named: AppName | undefined, apps: Apps): AppScope {
  const isAdmin = caller.scopes.includes("admin");
  // The operator's reach is narrower when the header names an app.
  if (named === undefined) return isAdmin && !isOperator(caller) ? null : caller.reach;
  if (named === caller.app || isAdmin) return configuredApp(named, apps);
  throw new Problem("forbidden", { detail: "Another app than its own takes a key with the scope admin." });
}
