import { describe, expect, it } from "vitest";
import { readStatuses as readChange } from "../../../src/channels/whatsapp/updates.ts";
import { readChanges } from "../../../src/channels/whatsapp/webhook.ts";

const readStatuses = (body: unknown) => readChanges(body).flatMap((change) => readChange(change));

const ID = "vrf_0123456789abcdef0123456784";

/** A status with all fields that Meta sends in 2026. */
function status(overrides: object = {}) {
  return {
    id: "wamid.1",
    status: "delivered",
    timestamp: "1750030073",
    recipient_id: "6281234567890",
    recipient_user_id: "ID.134912",
    biz_opaque_callback_data: `${ID}.0`,
    pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "authentication" },
    ...overrides,
  };
}

function change(statuses: unknown, more: object = {}) {
  const metadata = { display_phone_number: "15550783881", phone_number_id: "106540352242922" };
  const contacts = [{ profile: { name: "Ana" }, wa_id: "6281234567890", user_id: "ID.134912" }];
  return {
    field: "messages",
    value: { messaging_product: "whatsapp", metadata, contacts, statuses },
    ...more,
  };
}

const entry = (...changes: unknown[]) => ({ id: "102290129340398", changes });
const webhook = (...entries: unknown[]) => ({ object: "whatsapp_business_account", entry: entries });
const read = (overrides: object) => readStatuses(webhook(entry(change([status(overrides)]))));
const ids = (body: unknown) => readStatuses(body).map(({ update }) => update.providerMessageId);

describe("a WhatsApp status update", () => {
  it("is read with its message, sender and time", () => {
    expect(read({})).toMatchObject([
      {
        update: {
          message: { id: ID, ordinal: 0 },
          sender: "106540352242922",
          providerMessageId: "wamid.1",
          status: "delivered",
          at: Date.parse("2025-06-15T23:27:53Z"),
          error: null,
        },
        recipient: null,
      },
    ]);
  });

  it("of a notification is recognized by the id it echoes", () => {
    const notification = "ntf_0123456789abcdef0123456784";
    expect(read({ biz_opaque_callback_data: notification })).toEqual([
      {
        update: {
          notification,
          providerMessageId: "wamid.1",
          status: "delivered",
          error: null,
          at: Date.parse("2025-06-15T23:27:53Z"),
          pricing: { category: "authentication", billable: true },
        },
        recipient: null,
      },
    ]);
  });

  it.each([
    ["sent", "sent"],
    ["delivered", "delivered"],
    ["read", "read"],
    ["played", "read"],
    ["failed", "failed"],
  ])("%s means %s", (given, meant) => {
    expect(read({ status: given })).toMatchObject([{ update: { status: meant } }]);
  });

  it.each([
    [131026, /another way/],
    [190, /operator has to correct/],
    [131042, /operator has to clear the block/],
    [999_999, /another way/],
  ])("that failed with %i has title and advice", (code, action) => {
    const errors = [{ code, title: "Meta's words", message: "m", error_data: { details: "d" }, href: "h" }];
    expect(read({ status: "failed", errors })).toMatchObject([
      { update: { status: "failed", error: { code: String(code), action: expect.stringMatching(action) } } },
    ]);
    expect(JSON.stringify(read({ status: "failed", errors }))).not.toContain("Meta's words");
  });

  it.each([[undefined], [[]]])("that failed with errors %o has no error", (errors) => {
    expect(read({ status: "failed", errors })).toMatchObject([{ update: { status: "failed", error: null } }]);
  });

  it.each([
    ["no callback data", undefined],
    ["none of ours", '{"order":"A-77"}'],
    ["empty data", ""],
    ["a broken id", `${ID.slice(0, -1)}.0`],
  ])("with %s is matched by its recipient", (_, biz_opaque_callback_data) => {
    expect(read({ biz_opaque_callback_data })).toMatchObject([
      { update: { message: null, providerMessageId: "wamid.1" }, recipient: "+6281234567890" },
    ]);
  });

  it.each([undefined, "", "62", "not a number", "ID.134912"])(
    "with neither, recipient %o, has no recipient",
    (recipient_id) => {
      expect(read({ biz_opaque_callback_data: undefined, recipient_id })).toMatchObject([
        { update: { message: null }, recipient: null },
      ]);
    },
  );

  it("needs no contacts, recipient or price", () => {
    const bare = {
      field: "messages",
      value: { statuses: [status({ recipient_id: undefined, pricing: undefined })] },
    };
    expect(ids(webhook(entry(bare)))).toEqual(["wamid.1"]);
  });

  it.each([
    ["status", "deleted"],
    ["status", undefined],
    ["id", undefined],
    ["id", 7],
    ["timestamp", undefined],
    ["timestamp", "yesterday"],
    ["timestamp", "-5"],
    ["timestamp", "1e9"],
  ])("of an unknown kind (%s: %o) is skipped, others are read", (field, value) => {
    const batch = [
      status({ id: "wamid.a" }),
      status({ [field]: value }),
      null,
      "text",
      status({ id: "wamid.b" }),
    ];
    expect(ids(webhook(entry(change(batch))))).toEqual(["wamid.a", "wamid.b"]);
  });
});

describe("a WhatsApp webhook", () => {
  it("is read completely and in order across entries, changes and statuses", () => {
    const statusWithId = (id: string) => status({ id });
    const body = webhook(
      entry(change([statusWithId("1"), statusWithId("2")]), change([statusWithId("3")])),
      entry(change([])),
      entry(change([statusWithId("4")]), change([statusWithId("5"), statusWithId("1")])),
    );
    expect(ids(body)).toEqual(["1", "2", "3", "4", "5", "1"]);
  });

  it("may contain a thousand updates", () => {
    const many = Array.from({ length: 1000 }, (_, index) => status({ id: `wamid.${index}` }));
    expect(ids(webhook(entry(change(many))))).toHaveLength(1000);
  });

  it("has no status updates in messages, account events or unknown types", () => {
    const inbound = { from: "6281234567890", id: "wamid.x", timestamp: "1750030073" };
    const messages = ["text", "button", "unsupported", "hologram"].map((type) => ({
      ...inbound,
      type,
      [type]: {},
    }));
    const body = webhook(
      entry(
        { field: "messages", value: { messages, statuses: undefined } },
        { field: "messages", value: { errors: [{ code: 130429 }] } },
        { field: "message_template_status_update", value: { event: "APPROVED", message_template_id: 7 } },
        { field: "a_field_of_2027", value: { statuses: [status()] } },
        change([status()]),
      ),
    );
    expect(ids(body)).toEqual(["wamid.1"]);
  });

  it.each([
    [
      "a change whose value is no object",
      { id: "1", changes: [{ field: "a_field_of_2027", value: "text" }] },
    ],
    ["a change without a value", { id: "1", changes: [{ field: "a_field_of_2027" }] }],
    ["a change without a field", { id: "1", changes: [{ value: {} }] }],
    ["an entry without changes", { id: "1", changed_fields: ["messages"] }],
    ["statuses that are no list", entry(change({ "0": status() }))],
    ["an entry that is no object", null],
  ])("loses no update because of %s beside it", (_, stranger) => {
    expect(ids(webhook(stranger, entry(change([status()]))))).toEqual(["wamid.1"]);
  });

  it.each([
    null,
    undefined,
    7,
    "text",
    true,
    [[]],
    {},
    { entry: null },
    { entry: {} },
    { entry: [7] },
    { entry: [{ changes: "x" }] },
    { object: "page", entry: [] },
  ])("of an unknown format (%j) has no updates", (body) => {
    expect(readStatuses(body)).toEqual([]);
  });
});
