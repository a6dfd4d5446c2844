/** What a code can travel by. The core knows the names and nothing else of them. */
export const CHANNEL_NAMES = ["whatsapp", "sms"] as const;

export type ChannelName = (typeof CHANNEL_NAMES)[number];
