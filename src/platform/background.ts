/** Keeps work going after the client has hung up: the `waitUntil` of the request's context. */
export type Background = (work: Promise<unknown>) => void;
