import type { AppName } from "../../ids/app-name.ts";
import type { Apps } from "../../keys/apps.ts";
import type { SignInSettings } from "../../keys/issuer/settings.ts";
import type { Frame, Link } from "./page/frame.ts";
import type { Localization } from "./page/words.ts";
import type { Client } from "./provider.ts";

/** What says how the page looks. */
interface LookSources {
  readonly issuer: string;
  readonly apps: Apps;
  readonly settings: Pick<SignInSettings, "name" | "privacyUrl" | "supportUrl">;
  readonly logos: Localization["logos"];
}

/**
 * By what the user recognizes who asks: the brand, accent and logo of the client's app, and where they read more. The client's
 * own addresses come before those of its app, and the service's come last. Its `logo_uri` is not among them: a logo is served
 * from this origin, or there is none.
 */
export function lookOf(
  client: Client | null,
  { issuer, apps, settings, logos }: LookSources,
): Pick<Frame, "brand" | "accent" | "logo" | "links"> {
  const app = client === null ? undefined : apps.get(client.app as AppName);
  const addresses = {
    privacy: client?.policyUri ?? app?.links.privacy ?? settings.privacyUrl,
    terms: client?.tosUri ?? app?.links.terms ?? null,
    help: app?.links.help ?? settings.supportUrl,
  };
  const links = (["privacy", "terms", "help"] as const).flatMap((key): readonly Link[] => {
    const href = addresses[key];
    return href === null ? [] : [{ key, href }];
  });
  return {
    brand: app?.brand ?? settings.name ?? client?.clientName ?? new URL(issuer).host,
    accent: app?.accent ?? null,
    logo: client === null ? null : (logos[client.app] ?? null),
    links,
  };
}
