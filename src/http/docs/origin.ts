/**
 * Stands in what the build writes for the deployment's own origin, which only a request knows. Nobody's: the
 * top-level domain is reserved for names that do not exist (RFC 6761, section 6.4).
 */
export const ORIGIN = "https://origin.invalid";
