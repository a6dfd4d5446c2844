// The built Worker, which stands beside this module when it runs, has the types of its source.
export * from "../../../../src/index.ts";
export { default } from "../../../../src/index.ts";
