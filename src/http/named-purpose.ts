/** A setting of a compatible API that names a purpose. */
export interface NamedPurpose {
  /** Where it is in the environment. */
  readonly path: readonly string[];
  readonly purpose: string;
}
