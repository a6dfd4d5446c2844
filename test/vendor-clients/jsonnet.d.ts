/** The package has types, but its `exports` hide them. */
declare module "@hanazuki/node-jsonnet" {
  export class Jsonnet {
    /** Passes code to the function that a program is. */
    tlaCode(name: string, code: string): this;
    evaluateSnippet(program: string): Promise<string>;
  }
}
