import * as z from "zod";
import { requestOf } from "../../../ids/idempotency-key.ts";
import type { Apps } from "../../../keys/apps.ts";
import { described, documented } from "../../../platform/documented.ts";
import { Problem } from "../../../platform/problem.ts";
import { checkAddress } from "../../../webhook-endpoints/address.ts";
import { MAX_ENDPOINTS } from "../../../webhook-endpoints/endpoints.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { anyText, defineEndpoint, type Handlers, orNotFound } from "../../endpoint.ts";
import { appName, chosenApp, ownOrAdministered, scopeOf } from "../apps.ts";
import { pageBody } from "../page.ts";
import {
  batch,
  endpointWithSecretBody,
  eventTypes,
  toBatchSettings,
  toEndpointBody,
  webhookEndpointBody,
} from "./body.ts";

/** Where events are sent. An address that may not be called is rejected with the reason. */
function address(allowLoopback: boolean) {
  return z
    .string()
    .transform((text, context) => {
      const checked = checkAddress(text, allowLoopback);
      if (checked.kind === "good") return checked.url;
      context.issues.push({ code: "custom", input: text, message: checked.because });
      return z.NEVER;
    })
    .meta(
      described({
        description: "An https address on the public internet.",
        examples: ["https://shop.example.com/hooks/sandi"],
      }),
    );
}

const description = z
  .string()
  .max(200)
  .meta(described({ description: "For people.", examples: ["Shop backend"] }));

/** @param allowLoopback In development only: endpoints may be on this machine, over plain http. */
export function webhookEndpointDefinitions(allowLoopback: boolean) {
  return {
    createWebhookEndpoint: defineEndpoint({
      operationId: "createWebhookEndpoint",
      method: "post",
      path: "/v1/webhook-endpoints",
      scope: "webhooks",
      docs: documented(() => ({
        summary: "Register a webhook endpoint",
        description:
          "From then on it gets events by POST, as `{ type, timestamp, data }`, signed by Standard Webhooks with the " +
          "secret in this answer, which can never be read again. It has 15 seconds to answer 2xx; redirects are not " +
          "followed. An event may come twice and out of order: its `webhook-id` stays the same. Until every isolate " +
          "knows of a new endpoint, five minutes may pass. With `batch` it gets several events in one request, and " +
          "those of one phone number in order.",
        example: { url: "https://shop.example.com/hooks/sandi", event_types: ["verification.approved"] },
        responses: { 201: { description: "Registered.", schema: endpointWithSecretBody } },
        problems: ["idempotency_mismatch"],
      })),
      body: z
        .strictObject({
          url: address(allowLoopback),
          description: description.default(""),
          event_types: eventTypes.default(null),
          batch: batch.default(null),
          app: appName.optional().meta(
            described({
              description:
                "The app whose events it receives; the caller's own unless the key has the scope `admin`.",
            }),
          ),
        })
        .meta(described({ id: "CreateWebhookEndpoint" })),
      acceptsIdempotencyKey: true,
    }),

    listWebhookEndpoints: defineEndpoint({
      operationId: "listWebhookEndpoints",
      method: "get",
      path: "/v1/webhook-endpoints",
      scope: "webhooks",
      docs: documented(() => ({
        summary: "List webhook endpoints",
        description:
          "Those of the caller's app on one page, oldest first, without their secrets. A key with the scope `admin` gets " +
          "those of every app, or of the one that it names.",
        responses: { 200: { description: "The endpoints.", schema: pageBody(webhookEndpointBody) } },
        problems: [],
      })),
      query: z.strictObject({ app: appName.optional() }),
    }),

    getWebhookEndpoint: defineEndpoint({
      operationId: "getWebhookEndpoint",
      method: "get",
      path: "/v1/webhook-endpoints/{id}",
      scope: "webhooks",
      docs: documented(() => ({
        summary: "Read a webhook endpoint",
        description: "Without its secret.",
        responses: { 200: { description: "The endpoint.", schema: webhookEndpointBody } },
        problems: ["not_found"],
      })),
      params: { id: anyText },
    }),

    updateWebhookEndpoint: defineEndpoint({
      operationId: "updateWebhookEndpoint",
      method: "patch",
      path: "/v1/webhook-endpoints/{id}",
      scope: "webhooks",
      docs: documented(() => ({
        summary: "Change a webhook endpoint",
        description:
          "What the body does not name stays. Disabled, it gets nothing, and what is due meanwhile is given up; " +
          "enabled again, it gets what happens from then on, and the rest by replay.",
        example: { status: "enabled" },
        responses: { 200: { description: "The endpoint as it is now.", schema: webhookEndpointBody } },
        problems: ["not_found"],
      })),
      params: { id: anyText },
      body: z
        .strictObject({
          url: address(allowLoopback).optional(),
          description: description.optional(),
          event_types: eventTypes.optional(),
          batch: batch.optional(),
          status: z.enum(["enabled", "disabled"]).optional(),
        })
        .meta(described({ id: "UpdateWebhookEndpoint" })),
    }),

    deleteWebhookEndpoint: defineEndpoint({
      operationId: "deleteWebhookEndpoint",
      method: "delete",
      path: "/v1/webhook-endpoints/{id}",
      scope: "webhooks",
      docs: documented(() => ({
        summary: "Delete a webhook endpoint",
        description: "What is still on its way to it is given up.",
        responses: { 204: { description: "Deleted." } },
        problems: ["not_found"],
      })),
      params: { id: anyText },
    }),

    rotateWebhookSecret: defineEndpoint({
      operationId: "rotateWebhookSecret",
      method: "post",
      path: "/v1/webhook-endpoints/{id}/rotate",
      scope: "webhooks",
      docs: documented(() => ({
        summary: "Replace the secret",
        description:
          "The new secret is in this answer and can never be read again. For 24 hours everything is signed with both " +
          "the new secret and the one before it; a second rotation ends the oldest at once.",
        responses: { 200: { description: "Replaced.", schema: endpointWithSecretBody } },
        problems: ["not_found"],
      })),
      params: { id: anyText },
    }),
  };
}

export function webhookEndpointHandlers(
  { endpoints, keyring, lanes }: Pick<Webhooks, "endpoints" | "keyring" | "lanes">,
  apps: Apps,
): Handlers<typeof webhookEndpointDefinitions> {
  return {
    async createWebhookEndpoint({ body, caller, idempotencyKey }) {
      const app = body.app === undefined ? caller.app : ownOrAdministered(caller, body.app, apps);
      const { url, description, event_types: eventTypes } = body;
      const asked = { app, url, description, eventTypes, batch: toBatchSettings(body.batch) };
      const created = await endpoints.create(asked, requestOf(keyring, idempotencyKey));
      if (created.kind === "idempotency_mismatch") throw new Problem(created.kind);
      if (created.kind === "too_many") {
        const detail = `The app has ${MAX_ENDPOINTS} endpoints already, which is the limit. Delete one first.`;
        throw new Problem("invalid_request", { detail, errors: [{ pointer: "", detail }] });
      }
      const { endpoint, secret } = created;
      return { status: 201, body: { ...toEndpointBody(endpoint), secret }, outcome: "created" };
    },
    async listWebhookEndpoints({ query, caller }) {
      const data = (await endpoints.list(chosenApp(caller, query.app, apps))).map(toEndpointBody);
      return { status: 200, body: { data, next: null }, outcome: "listed" };
    },
    async getWebhookEndpoint({ params: { id }, caller }) {
      const endpoint = orNotFound(await endpoints.get(id, scopeOf(caller)));
      return { status: 200, body: toEndpointBody(endpoint), outcome: endpoint.status };
    },
    async updateWebhookEndpoint({ params: { id }, body, caller }) {
      const { event_types: eventTypes, batch: asked, ...changes } = body;
      const settings = asked === undefined ? undefined : toBatchSettings(asked);
      const changed = { ...changes, eventTypes, batch: settings };
      const updated = orNotFound(await endpoints.update(id, scopeOf(caller), changed));
      return { status: 200, body: toEndpointBody(updated), outcome: updated.status };
    },
    async deleteWebhookEndpoint({ params: { id }, caller }) {
      const { hasLane } = orNotFound(await endpoints.get(id, scopeOf(caller)));
      // First: without its endpoint, what is left where this fails would be found by no later call.
      if (hasLane) await lanes.clear(id);
      await endpoints.delete(id, scopeOf(caller));
      return { status: 204, outcome: "deleted" };
    },
    async rotateWebhookSecret({ params: { id }, caller }) {
      const { endpoint, secret } = orNotFound(await endpoints.rotate(id, scopeOf(caller), Date.now()));
      return { status: 200, body: { ...toEndpointBody(endpoint), secret }, outcome: "rotated" };
    },
  };
}
