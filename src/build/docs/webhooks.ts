import * as z from "zod";
import type { ZodOpenApiPathItemObject } from "zod-openapi";
import { BATCH_TYPE } from "../../webhook-endpoints/batch.ts";
import { TEST_TYPE } from "../../webhook-endpoints/manual.ts";
import { EVENTS, type EventDescription, eventBody } from "../../wire/event.ts";
import { EVENT_DATA } from "./examples/events.ts";

/** An event as webhook endpoints receive it, with an example of its body. */
export interface DescribedEvent extends EventDescription {
  readonly type: string;
  /** The name of the body among the components of the OpenAPI document. */
  readonly component: string;
  readonly body: z.ZodType;
  readonly example: object;
}

const HAPPENED_AT = "2026-11-23T15:45:55.120Z";

const testEvent: EventDescription = {
  summary: "A test event",
  description: "Sent by `POST /v1/webhook-endpoints/{id}/test` only. Endpoints cannot subscribe to it.",
  data: z.object({ endpoint_id: z.string() }),
};

const batch = z.object({
  type: z.literal(BATCH_TYPE),
  data: z.array(
    z
      .object({
        id: z.string().meta({ description: "The same in every attempt: drop an id that you know." }),
        type: z.string(),
        timestamp: z.iso.datetime(),
        data: z.unknown(),
      })
      .meta({ id: "BatchedEvent" }),
  ),
});

const APPROVED = "verification.approved";

/** What an endpoint that takes batches receives. */
const DESCRIBED_BATCH: DescribedEvent = {
  type: BATCH_TYPE,
  summary: "A batch of events",
  description:
    "What an endpoint with `batch` receives instead: each event as its own request would have it, with its `id`. The " +
    "`webhook-id` is that of the batch; an event may come again in another one.",
  data: batch.shape.data,
  component: componentOf(BATCH_TYPE),
  body: batch.meta({ id: componentOf(BATCH_TYPE) }),
  example: {
    type: BATCH_TYPE,
    data: [
      {
        id: "evt_3n9bzjphnsjg5qgs0jdxagb1w0_3",
        type: APPROVED,
        timestamp: HAPPENED_AT,
        data: EVENT_DATA[APPROVED],
      },
    ],
  },
};

/** Every event, in the order of the documentation. */
export const DESCRIBED_EVENTS: readonly DescribedEvent[] = [
  ...Object.entries(EVENTS).map(([type, event]) => describe(type, event, EVENT_DATA)),
  describe(TEST_TYPE, testEvent, { [TEST_TYPE]: { endpoint_id: "whe_dwqv7qsx6q1b6h5dhxpbbm508r" } }),
  DESCRIBED_BATCH,
];

function describe(
  type: string,
  event: EventDescription,
  data: Readonly<Record<string, object>>,
): DescribedEvent {
  return {
    ...event,
    type,
    component: componentOf(type),
    body: eventBody(type, event.data).meta({ id: componentOf(type) }),
    example: { type, timestamp: HAPPENED_AT, data: data[type] },
  };
}

/** `verification.approved` becomes `VerificationApprovedEvent`. */
function componentOf(type: string): string {
  const words = type.split(".").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}Event`;
}

const signature = z.object({
  "webhook-id": z.string().meta({ description: "The same in every attempt: drop an id that you know." }),
  "webhook-timestamp": z.string().meta({ description: "Unix time of this attempt, in seconds." }),
  "webhook-signature": z.string().meta({
    description:
      "`v1,` and a signature by Standard Webhooks; two, separated by a space, while a secret is replaced.",
  }),
});

/** The events as OpenAPI describes requests that a service makes. */
export function describeWebhooks(): Record<string, ZodOpenApiPathItemObject> {
  return Object.fromEntries(
    DESCRIBED_EVENTS.map(({ type, summary, description, body, example }) => [
      type,
      {
        post: {
          operationId: type,
          tags: ["events"],
          summary,
          description,
          security: [],
          requestParams: { header: signature },
          requestBody: { required: true, content: { "application/json": { schema: body, example } } },
          responses: {
            "2XX": { description: "Received. Anything else is tried again, and redirects are not followed." },
            "410": { description: "Disables the endpoint." },
          },
        },
      },
    ]),
  );
}
