import { type ChannelName, type Route, withoutTemplate } from "../messages/message.ts";
import type { Policy } from "../phone-number/policy.ts";
import type { ExceptedTemplates, TemplateStore } from "../templates/store.ts";

/** The first channel that can carry a code, and the channels that may be tried after it. */
export interface RoutePlan {
  readonly route: Route;
  /** In order, the route's channel first. */
  readonly channels: readonly ChannelName[];
}

/**
 * The route of a channel: WhatsApp needs an approved template, SMS brings its own text. Null while WhatsApp
 * would send neither the policy's template nor its fallback.
 *
 * @param except Templates with their languages that WhatsApp refuses although they are approved.
 */
export async function routeTo(
  channel: ChannelName,
  { template, fallbackTemplate }: Policy,
  locale: string,
  templates: TemplateStore,
  except?: ExceptedTemplates,
): Promise<Route | null> {
  if (channel !== "whatsapp") return withoutTemplate(channel);
  const choice =
    (await templates.choose(template, locale, except)) ??
    (await templates.choose(fallbackTemplate, locale, except));
  return choice === null ? null : { channel, ...choice };
}

/** Plans a start: skips the channels that have no route at the moment. Null when none has one. */
export async function planRoute(
  channels: readonly ChannelName[],
  policy: Policy,
  locale: string,
  templates: TemplateStore,
): Promise<RoutePlan | null> {
  for (const [index, channel] of channels.entries()) {
    const route = await routeTo(channel, policy, locale, templates);
    if (route !== null) return { route, channels: channels.slice(index) };
  }
  return null;
}
