// The built Worker, which is bundled with the driver, has the types of its source.
export * from "../../../../src/index.ts";
export { default } from "../../../../src/index.ts";
