import { describe, expect, it } from "vitest";
import { messagesTo, newNumber, start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

describe("36-legacy-language-codes", () => {
  it.each([
    ["in-ID", "id"],
    ["es-419", "es"],
    ["zh-TW", "zh_HK"],
    ["no", "en_US"],
    ["pt-PT", "pt_BR"],
  ])("a start with the locale %s sends the template in %s", async (locale, language) => {
    const to = newNumber();
    const { status } = await start({ to, locale });
    expect([status, (await messagesTo(deployment, to))[0]?.language]).toEqual([201, language]);
  });
});
