import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Scene } from "./scene.ts";

const RECIPIENTS = 150;
const MESSAGES_PER_SECOND = 80;

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
});

afterAll(async () => {
  await scene.close();
});

it("a batch reaches each recipient once within the sender's rate when the Worker is killed meanwhile", async () => {
  const numbers = Array.from(
    { length: RECIPIENTS },
    (_, place) => `+628131${String(place).padStart(7, "0")}`,
  );
  const id = await scene.handIn(numbers);
  while ((await scene.rate("batch")).accepted < RECIPIENTS / 3) await pause(20);
  await scene.killAndRestart();
  expect(await scene.read(id)).toMatchObject({ status: "running", total: RECIPIENTS });

  while ((await scene.read(id)).status !== "done") await pause(200);
  expect(await scene.read(id)).toMatchObject({
    counts: { sent: RECIPIENTS, waiting: 0, sending: 0, failed: 0 },
  });
  const rate = await scene.rate("batch");
  expect(rate).toMatchObject({ accepted: RECIPIENTS, recipients: RECIPIENTS, recipients_repeated: 0 });
  expect(rate.max_per_second).toBeLessThanOrEqual(MESSAGES_PER_SECOND);
});
