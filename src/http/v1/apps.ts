import * as z from "zod";
import { type AppName, type AppScope, parseAppName } from "../../ids/app-name.ts";
import type { Apps } from "../../keys/apps.ts";
import { type Caller, isOperator } from "../../keys/caller.ts";
import { described } from "../../platform/documented.ts";
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
  .meta(described({ description: "One of the deployment's apps.", examples: ["default"] }));

/** The name, if the deployment has such an app; a thrown problem otherwise. */
export function configuredApp(name: AppName, apps: Apps): AppName {
  if (apps.has(name)) return name;
  const detail = `The apps of this deployment are ${[...apps.keys()].join(", ")}.`;
  throw new Problem("invalid_request", { errors: [{ pointer: "/app", detail }] });
}

/**
 * Whose things a caller manages, where keys with the scope `admin` manage those of every app. The operator's are those
 * of one app when the header names it.
 */
export function scopeOf(caller: Caller): AppScope {
  const isAdmin = caller.scopes.includes("admin") && !isOperator(caller);
  return isAdmin ? null : caller.reach;
}

/** As {@link scopeOf}, for a call that may name the app. */
export function chosenApp(caller: Caller, named: AppName | undefined, apps: Apps): AppScope {
  return named === undefined ? scopeOf(caller) : ownOrAdministered(caller, named, apps);
}

/** The app that a call names: the caller's own, or any app where the caller has the scope `admin`. */
export function ownOrAdministered(caller: Caller, named: AppName, apps: Apps): AppName {
  if (named === caller.app || caller.scopes.includes("admin")) return configuredApp(named, apps);
  throw new Problem("forbidden", { detail: "Another app than the key's own needs the scope admin." });
}
