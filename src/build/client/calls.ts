import type { Operation } from "./operations.ts";
import { capitalized, commentOf } from "./types.ts";

/** The classes of the client's calls, one a group, and the class that has them all. */
export function callsOf(operations: readonly Operation[]): string {
  const groups = [...Map.groupBy(operations, ({ group }) => group)];
  const fields = groups.map(([group]) => `readonly ${group}: ${classNameOf(group)};`);
  const settings = groups.map(([group]) => `this.${group} = new ${classNameOf(group)}(connection);`);
  const classes = groups.map(([group, members]) => classOf(group, members));
  const all = `/** Every call of the API. */
export class Calls {
${fields.join("\n")}

constructor(connection: Connection) {
${settings.join("\n")}
}
}
`;
  return [...classes, all].join("\n");
}

/** The types that the calls name, of which some are unions of others. */
export function typesOfCalls(operations: readonly Operation[]): readonly string[] {
  const uses = operations.flatMap(({ query, body, answer }) => {
    const answered = answer.kind === "list" ? answer.entry : answer.kind === "object" ? answer.type : "";
    return [query?.type ?? "", body?.type ?? "", answered];
  });
  return [...new Set(uses.flatMap((type) => type.split(" | ")))].filter((type) => type !== "").sort();
}

function classOf(group: string, operations: readonly Operation[]): string {
  return `/** The calls of \`sandi.${group}\`. */
export class ${classNameOf(group)} {
readonly #connection: Connection;

constructor(connection: Connection) {
this.#connection = connection;
}

${operations.map(methodOf).join("\n\n")}
}
`;
}

function methodOf(operation: Operation): string {
  const { name, comment, params, query, body, keyed, answer } = operation;
  const parameters = [
    ...params.map((param) => `${param}: string`),
    ...(body === null ? [] : [`body${body.required ? "" : "?"}: ${body.type}`]),
    ...(query === null ? [] : [`query${query.required ? "" : "?"}: ${query.type}`]),
    `options?: ${keyed ? "KeyedCallOptions" : "CallOptions"}`,
  ];
  const head = `${commentOf(comment)}${name}(${parameters.join(", ")})`;
  const send = `this.#connection.send(${callOf(operation)}, options)`;
  switch (answer.kind) {
    case "nothing":
      return `${head}: Promise<void> { return ${send}; }`;
    case "object":
      return `${head}: Promise<${answer.type}> { return ${send}; }`;
    case "list":
      return answer.isPaged
        ? `${head}: List<${answer.entry}> { return new List((after) => ${send}, query?.after); }`
        : `${head}: List<${answer.entry}> { return new List(() => ${send}); }`;
  }
}

function callOf({ method, path, body, query, keyed, answer }: Operation): string {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name) => `\${segment(${name})}`);
  const quote = address === path ? '"' : "`";
  const isPaged = answer.kind === "list" && answer.isPaged;
  const fields = [
    `method: "${method}"`,
    `path: ${quote}${address}${quote}`,
    ...(query === null ? [] : [isPaged ? "query: { ...query, after }" : "query"]),
    ...(body === null ? [] : ["body"]),
    ...(keyed ? ["keyed: true"] : []),
  ];
  return `{ ${fields.join(", ")} }`;
}

function classNameOf(group: string): string {
  return `${capitalized(group)}Calls`;
}
