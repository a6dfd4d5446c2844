import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { AppName } from "../../src/ids/app-name.ts";
import { parseNotificationId } from "../../src/ids/notification-id.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { objectOf as batchObjectOf, createBatch, read as readBatch } from "./batch-rig.ts";
import { notified, objectOf, putTemplate, read } from "./rig.ts";

const deployment = useDeployment();
const SHOP = "shop" as AppName;

interface Stored {
  readonly version: number;
  readonly state: { readonly app?: string; readonly notifications: readonly { readonly app?: string }[] };
}

it("a notification that was stored before there were apps belongs to the default app", async () => {
  await putTemplate(deployment);
  const id = await notified(newNumber());
  const contact = objectOf(id);
  await runInDurableObject(contact, (_, { storage }) => {
    const { state, ...record } = storage.kv.get<Stored>("record") ?? fail();
    const notifications = state.notifications.map(({ app: _, ...notification }) => notification);
    storage.kv.put("record", { ...record, version: 1, state: { ...state, notifications } });
  });
  await evictDurableObject(contact);
  expect(await read(id)).toMatchObject({ id, app: "default" });
  expect(await contact.get(parseNotificationId(id) ?? fail(), SHOP)).toBeNull();
});

it("a batch that was stored before there were apps belongs to the default app", async () => {
  await putTemplate(deployment);
  const recipients = [{ to: newNumber(), parameters: { name: "Ana", order: "A-77" } }];
  const { id } = (await createBatch(recipients)).body;
  const batch = batchObjectOf(id);
  await runInDurableObject(batch, (_, { storage }) => {
    const { state, ...record } = storage.kv.get<Stored>("record") ?? fail();
    const { app: __, ...former } = state;
    storage.kv.put("record", { ...record, version: 1, state: former });
  });
  expect(await readBatch(id)).toMatchObject({ id, template: "shipping_update" });
  expect(await batch.read(SHOP)).toBeNull();
  expect(await batch.cancel(SHOP)).toBeNull();
  expect((await readBatch(id)).status).not.toBe("canceled");
});

function fail(): never {
  throw new Error("Nothing is stored");
}
