/**
 * What a verification takes that is sent, delivered, read and approved, as counted: `npm run bench:cost` compares these
 * figures with its own counts and fails where they differ; tests compare the bytes.
 */

/** Bytes of its row in the journal, with the share of its page that stays empty. */
export const ROW_BYTES = 597;

/** Its events when an endpoint wants every type, and when there is no endpoint: the journal needs the last one only. */
export const EVENTS = 6;
export const EVENTS_WITHOUT_ENDPOINT = 1;

/** Bytes in D1 of one event for one endpoint, indexes included. */
export const DELIVERY_BYTES = 620;

/** Bytes of one event in the object of an endpoint that takes batches, among a hundred of different numbers. */
export const BATCHED_EVENT_BYTES = 131;

/** D1's queries for a batch of events: the rows, and the endpoints. */
export const QUERIES_PER_EVENT_BATCH = 2;

/** D1's queries for a batch of deliveries, the rows and the endpoints, and for the result of each: one at most. */
export const QUERIES_PER_DELIVERY_BATCH = 2;
export const QUERIES_PER_DELIVERY = 1;

/** Each of the two alarms of the number's object asks the journal whether it has the event. */
export const CONFIRMING_QUERIES = 2;

/** Requests that get a log line: the start, the check, and three statuses of the message. */
export const LOG_LINES = 5;

/** US dollars of its events on the queue beyond the last one, and of each delivery, storage aside. */
export const EVENTS_USD = 9.9e-6;
export const DELIVERY_USD = 6.27e-6;

/** US dollars of a batch to an endpoint that takes them: four rows and two calls of its object. */
export const BATCH_USD = 4.4e-6;
