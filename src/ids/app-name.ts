/** The name of an app, one of those that a deployment serves. Verifications, notifications and keys belong to one. */
export type AppName = string & { readonly __brand: "AppName" };

/** Whose things a request is about: those of one app, or of every app (null). */
export type AppScope = AppName | null;

/** The app that exists without configuration. What was stored before there were apps belongs to it. */
export const DEFAULT_APP = "default" as AppName;

const PATTERN = /^[a-z][a-z0-9_-]{0,31}$/;

/** Reads the name of an app; null for a text that cannot be one. */
export function parseAppName(text: string): AppName | null {
  return PATTERN.test(text) ? (text as AppName) : null;
}

/** Reads the name of an app that this service stored; where there is none, the value is older than apps. */
export function storedAppName(text: string | undefined): AppName {
  return (text === undefined ? null : parseAppName(text)) ?? DEFAULT_APP;
}

/** Whether a thing of this app is within the scope. What is not is answered like something that does not exist. */
export function covers(scope: AppScope, app: AppName): boolean {
  return scope === null || scope === app;
}
