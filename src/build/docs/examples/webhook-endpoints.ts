import type { Answers } from "./example.ts";

const AT = "2026-11-23T15:45:42.495Z";

const ENDPOINT = {
  id: "whe_dwqv7qsx6q1b6h5dhxpbbm508r",
  app: "default",
  url: "https://shop.example.com/hooks/sandi",
  description: "",
  event_types: ["verification.approved"],
  batch: null,
  status: "enabled",
  disabled_reason: null,
  failing_since: null,
  slow: false,
  previous_secret_expires_at: null,
  created_at: AT,
};

/** A secret without value: base64 of `0123456789abcdef`, twice. */
const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

const DELIVERY = {
  id: "whd_5v0d4q9fyk8t2mpxz3c7bwnrh6",
  event_id: "evt_3n9bzjphnsjg5qgs0jdxagb1w0_3",
  type: "verification.approved",
  status: "delivered",
  attempts: 1,
  next_attempt_at: null,
  last_status: 204,
  last_error: null,
  duration_ms: 84,
  created_at: AT,
  updated_at: AT,
};

export const webhookEndpointAnswers = {
  createWebhookEndpoint: { 201: { ...ENDPOINT, secret: SECRET } },
  listWebhookEndpoints: { 200: { data: [ENDPOINT], next: null } },
  getWebhookEndpoint: { 200: ENDPOINT },
  updateWebhookEndpoint: { 200: ENDPOINT },
  deleteWebhookEndpoint: { 204: null },
  rotateWebhookSecret: {
    200: { ...ENDPOINT, previous_secret_expires_at: "2026-11-24T15:45:42.495Z", secret: SECRET },
  },
  testWebhookEndpoint: {
    200: {
      event_id: "evt_test_mqrc4dtk78gjd7pmtehxx74g58",
      delivered: true,
      status: 204,
      error: null,
      answer: "",
      duration_ms: 84,
    },
  },
  listWebhookDeliveries: { 200: { data: [DELIVERY], next: null } },
  replayFailedWebhookDeliveries: { 202: { replayed: 214, next: null } },
  replayWebhookDelivery: {
    202: {
      ...DELIVERY,
      status: "pending",
      attempts: 0,
      next_attempt_at: AT,
      last_status: null,
      duration_ms: null,
    },
  },
} satisfies Answers;
