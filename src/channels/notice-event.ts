export const NOTICE_EVENT_TYPES = ["message.received", "template.updated", "sender.updated"] as const;
export type NoticeEventType = (typeof NOTICE_EVENT_TYPES)[number];

/** Something about the channel and not about one verification. */
export interface NoticeEvent {
  readonly kind: "notice";
  readonly id: string;
  readonly type: NoticeEventType;
  readonly at: number;
  /** What the team's endpoint gets as `data`. Masked phone numbers in it stand whole under `sealed`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** By the field's name in `data`; each opens with `keyring.open(value, id)`, the id being the event's. */
  readonly sealed?: Readonly<Record<string, string>>;
}
