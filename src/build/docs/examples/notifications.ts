import type { Answers } from "./example.ts";

const QUEUED_AT = "2026-11-23T15:45:42.495Z";
const SENT_AT = "2026-11-23T15:45:43.000Z";
const DELIVERED_AT = "2026-11-23T15:45:44.000Z";
const READ_AT = "2026-11-23T15:52:10.000Z";
const BATCH_ID = "bat_4caf13nwhveabgvw4drqeg2waw";

const QUEUED = {
  id: "ntf_3n9bzjphnsjg5qgs99sjw8bew4",
  app: "default",
  status: "queued",
  to: "+6281234567890",
  template: "shipping_update",
  language: "en_US",
  batch_id: null,
  metadata: {},
  provider_message_id: null,
  error: null,
  created_at: QUEUED_AT,
  updated_at: QUEUED_AT,
  sent_at: null,
  delivered_at: null,
  read_at: null,
};

export const SENT = {
  ...QUEUED,
  status: "sent",
  provider_message_id: "wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABEYEjQ",
  updated_at: SENT_AT,
  sent_at: SENT_AT,
};
export const DELIVERED = {
  ...SENT,
  status: "delivered",
  updated_at: DELIVERED_AT,
  delivered_at: DELIVERED_AT,
};
export const READ = { ...DELIVERED, status: "read", updated_at: READ_AT, read_at: READ_AT };
export const OPTED_OUT = {
  ...QUEUED,
  status: "failed",
  error: {
    code: "opted_out",
    title: "The recipient has opted out of messages from this business",
    action: "Do not send until they opt in again.",
  },
};

const BATCH = {
  id: BATCH_ID,
  template: "shipping_update",
  status: "running",
  total: 1000,
  counts: { waiting: 611, sending: 2, sent: 384, failed: 1, opted_out: 2, canceled: 0 },
  errors: [
    {
      code: "131026",
      title: "The number cannot be reached on WhatsApp",
      action: "Reach this user another way.",
      count: 1,
    },
  ],
  created_at: QUEUED_AT,
  finished_at: null,
};
const CANCELED = {
  ...BATCH,
  status: "canceled",
  counts: { ...BATCH.counts, waiting: 0, sending: 0, sent: 386, canceled: 611 },
  finished_at: "2026-11-23T15:46:04.210Z",
};

export const notificationAnswers = {
  sendNotification: { 202: QUEUED },
  getNotification: { 200: DELIVERED },
  createNotificationBatch: { 202: { id: BATCH_ID, total: 1, status: "running" } },
  getNotificationBatch: { 200: BATCH },
  pauseNotificationBatch: { 200: { ...BATCH, status: "paused" } },
  resumeNotificationBatch: { 200: BATCH },
  cancelNotificationBatch: { 200: CANCELED },
  sendMessage: {
    202: {
      ...QUEUED,
      template: null,
      language: null,
      provider_message_id: "wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABEYEjQ",
    },
  },
} satisfies Answers;
