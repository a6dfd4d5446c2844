/** A module of its own, so that the bundle has the encoder alone of its library, and evaluates it at its first use. */
export { encode } from "uqr";
