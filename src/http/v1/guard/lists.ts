import * as z from "zod";
import {
  type GuardLists,
  LIST_NAMES,
  type ListName,
  LONGEST_LIST,
} from "../../../guard/destinations/lists.ts";
import { parsePrefix } from "../../../guard/range.ts";
import { maskNumber } from "../../../numbering/e164.ts";
import { described, documented } from "../../../platform/documented.ts";
import { Problem } from "../../../platform/problem.ts";
import { listEntryBody, listEntryNote, toListEntryBody } from "../../../wire/guard-list-entry.ts";
import { anyText, defineEndpoint, type Handlers } from "../../endpoint.ts";
import { phoneNumber } from "../fields.ts";
import { pageBody } from "../page.ts";

const prefix = z.string().transform((text, context) => {
  const parsed = parsePrefix(text);
  if (parsed !== null) return parsed;
  const message = "Give the beginning of E.164 numbers, without at least their last four digits.";
  context.issues.push({ code: "custom", input: text, message });
  return z.NEVER;
});

const OF_THE_DEPLOYMENT = "The lists protect the owners of numbers, whichever app sends to them.";

export const listDefinitions = {
  listGuardListEntries: defineEndpoint({
    operationId: "listGuardListEntries",
    method: "get",
    path: "/v1/guard/lists/{name}",
    scope: "admin",
    sharedByApps: OF_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "Read a list",
      description: `\`block\` gets no codes; \`safe\` gets them even if a rule would refuse. All entries, ${LONGEST_LIST} at most.`,
      responses: { 200: { description: "The entries.", schema: pageBody(listEntryBody) } },
      problems: ["not_found"],
    })),
    params: { name: parseListName },
  }),

  addGuardListEntry: defineEndpoint({
    operationId: "addGuardListEntry",
    method: "post",
    path: "/v1/guard/lists/{name}",
    scope: "admin",
    sharedByApps: OF_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "Add to a list",
      description: "A number or a prefix. It holds everywhere within two minutes.",
      example: { prefix: "+88213", note: "We have no customers there." },
      responses: { 201: { description: "Added.", schema: listEntryBody } },
      problems: ["not_found", "invalid_phone_number"],
    })),
    auditTarget: ({ what }) => ("number" in what ? maskNumber(what.number) : what.prefix),
    params: { name: parseListName },
    body: z
      .strictObject({ number: phoneNumber.optional(), prefix: prefix.optional(), note: listEntryNote })
      .transform(({ number, prefix: begin, note }, context) => {
        if (number !== undefined && begin === undefined) return { what: { number }, note };
        if (number === undefined && begin !== undefined) return { what: { prefix: begin }, note };
        const message = "Give either a number or a prefix.";
        context.issues.push({ code: "custom", input: begin, path: ["prefix"], message });
        return z.NEVER;
      })
      .meta(described({ id: "AddGuardListEntry" })),
  }),

  removeGuardListEntry: defineEndpoint({
    operationId: "removeGuardListEntry",
    method: "delete",
    path: "/v1/guard/lists/{name}/{id}",
    scope: "admin",
    sharedByApps: OF_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "Remove from a list",
      description: "By the entry's id. It is gone everywhere within two minutes.",
      responses: { 204: { description: "Removed." } },
      problems: ["not_found"],
    })),
    params: { name: parseListName, id: anyText },
  }),
};

export function listHandlers(lists: GuardLists): Handlers<typeof listDefinitions> {
  return {
    async listGuardListEntries({ params: { name } }) {
      const data = (await lists.entries(name)).map(toListEntryBody);
      return { status: 200, body: { data, next: null }, outcome: "listed" };
    },
    async addGuardListEntry({ params: { name }, body: { what, note }, caller }) {
      const entry = await lists.add(name, what, note, caller.id);
      if (entry === null) {
        const detail = `The list is full: it holds ${LONGEST_LIST} entries.`;
        throw new Problem("invalid_request", { detail, errors: [{ pointer: "", detail }] });
      }
      return { status: 201, body: toListEntryBody(entry), outcome: "added" };
    },
    async removeGuardListEntry({ params: { name, id } }) {
      if (!(await lists.remove(name, id))) throw new Problem("not_found");
      return { status: 204, outcome: "removed" };
    },
  };
}

function parseListName(text: string): ListName | null {
  return LIST_NAMES.find((name) => name === text) ?? null;
}
