import * as z from "zod";
import {
  type GuardLists,
  LIST_NAMES,
  type ListEntry,
  type ListName,
  LONGEST_LIST,
  LONGEST_NOTE,
} from "../../../guard/destinations/lists.ts";
import { parsePrefix } from "../../../guard/destinations/prefix.ts";
import { Problem } from "../../../platform/problem.ts";
import { toIso } from "../../../platform/time.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { phoneNumber } from "../fields.ts";
import { pageBody } from "../page.ts";

const note = z.string().min(1).max(LONGEST_NOTE);

const entryBody = z
  .object({
    id: z.string(),
    number: z.string().nullable().meta({ description: "Masked: it is kept as a keyed hash." }),
    prefix: z.string().nullable(),
    note,
    added_by: z.string().meta({ description: "The API key." }),
    added_at: z.iso.datetime(),
  })
  .meta({ id: "GuardListEntry" });

const prefix = z.string().transform((text, context) => {
  const parsed = parsePrefix(text);
  if (parsed !== null) return parsed;
  const message = "Give the beginning of E.164 numbers, without at least their last four digits.";
  context.issues.push({ code: "custom", input: text, message });
  return z.NEVER;
});

/** The calls about the guard's lists, `block` and `safe`. */
export function guardListCalls(lists: GuardLists): readonly Endpoint[] {
  return [listEntries(lists), addEntry(lists), removeEntry(lists)];
}

function listEntries(lists: GuardLists) {
  return endpoint({
    operationId: "listGuardListEntries",
    method: "get",
    path: "/v1/guard/lists/{name}",
    scope: "admin",
    summary: "Read a list",
    description: `\`block\` gets no codes; \`safe\` gets them whatever the guard says. All entries, ${LONGEST_LIST} at most.`,
    responses: { 200: { description: "The entries.", schema: pageBody(entryBody) } },
    problems: ["not_found"],
    async handle({ name }) {
      const entries = await lists.entries(listNamed(name));
      return { status: 200, body: { data: entries.map(toBody), next: null }, outcome: "listed" };
    },
  });
}

function addEntry(lists: GuardLists) {
  return endpoint({
    operationId: "addGuardListEntry",
    method: "post",
    path: "/v1/guard/lists/{name}",
    scope: "admin",
    summary: "Add to a list",
    description: "A number or a prefix. It holds everywhere within two minutes.",
    body: z
      .strictObject({ number: phoneNumber.optional(), prefix: prefix.optional(), note })
      .transform(({ number, prefix: begin, note: why }, context) => {
        if (number !== undefined && begin === undefined) return { what: { number }, note: why };
        if (number === undefined && begin !== undefined) return { what: { prefix: begin }, note: why };
        const message = "Give either a number or a prefix.";
        context.issues.push({ code: "custom", input: begin, path: ["prefix"], message });
        return z.NEVER;
      })
      .meta({ id: "AddGuardListEntry" }),
    example: { prefix: "+88213", note: "Nobody of ours lives there." },
    responses: { 201: { description: "Added.", schema: entryBody } },
    problems: ["not_found", "invalid_phone_number"],
    async handle({ name, body, caller }) {
      const entry = await lists.add(listNamed(name), body.what, body.note, caller.id);
      if (entry === null) {
        const detail = `The list is full: it holds ${LONGEST_LIST} entries.`;
        throw new Problem("invalid_request", { detail, errors: [{ pointer: "", detail }] });
      }
      return { status: 201, body: toBody(entry), outcome: "added" };
    },
  });
}

function removeEntry(lists: GuardLists) {
  return endpoint({
    operationId: "removeGuardListEntry",
    method: "delete",
    path: "/v1/guard/lists/{name}/{id}",
    scope: "admin",
    summary: "Remove from a list",
    description: "By the entry's id. It is gone everywhere within two minutes.",
    responses: { 204: { description: "Removed." } },
    problems: ["not_found"],
    async handle({ name, id }) {
      if (!(await lists.remove(listNamed(name), id))) throw new Problem("not_found");
      return { status: 204, outcome: "removed" };
    },
  });
}

function listNamed(text: string): ListName {
  const name = LIST_NAMES.find((known) => known === text);
  if (name === undefined) throw new Problem("not_found");
  return name;
}

function toBody({ id, shown, note: why, addedBy, addedAt }: ListEntry): z.input<typeof entryBody> {
  const isPrefix = id === shown;
  return {
    id,
    number: isPrefix ? null : shown,
    prefix: isPrefix ? shown : null,
    note: why,
    added_by: addedBy,
    added_at: toIso(addedAt),
  };
}
