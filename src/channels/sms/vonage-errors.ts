import { type ErrorTable, errorTable } from "./error-table.ts";

/** What an answer's `status` means (https://developer.vonage.com/en/api-errors/sms). Titles are ours. */
export const VONAGE_ERRORS: ErrorTable = errorTable({
  1: ["backoff", "The Vonage account is over its throughput"],
  2: ["bug", "A parameter is missing"],
  3: ["bug", "A parameter is invalid"],
  4: ["fix", "The API key or its secret is wrong"],
  5: ["retry", "Vonage failed internally"],
  6: ["fallback", "Vonage cannot reach this number"],
  7: ["fallback", "The number is barred"],
  8: ["stop", "The Vonage account is suspended"],
  9: ["stop", "The Vonage account has no credit left"],
  10: ["backoff", "The Vonage account has too many connections"],
  11: ["fix", "The Vonage account is not set up for its SMS API"],
  12: ["bug", "The text is too long"],
  14: ["fix", "The signature is wrong"],
  15: ["fix", "The sender is not allowed"],
  17: ["fallback", "The carrier blocked the message"],
  22: ["bug", "The network code is invalid"],
  23: ["fix", "The callback URL is not valid"],
  29: ["fix", "A trial account may not send to this number"],
  32: ["bug", "A signed request carried the API secret"],
  33: ["fallback", "The number is deactivated"],
});

/**
 * What a delivery receipt's `err-code` means, another numbering than that of the answers
 * (https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts, "DLR error codes").
 */
export const VONAGE_RECEIPT_ERRORS: ErrorTable = errorTable({
  1: ["fallback", "The carrier failed without a reason"],
  2: ["fallback", "The phone is switched off or cannot be reached"],
  3: ["fallback", "The number is no longer in use"],
  4: ["fallback", "The user's carrier bars SMS to the number"],
  5: ["fallback", "The number was ported and cannot be found"],
  6: ["fallback", "The message was filtered as unwanted"],
  7: ["retry", "The phone was busy"],
  8: ["retry", "The carrier's network failed"],
  9: ["fallback", "The user does not want messages from this sender"],
  10: ["bug", "A parameter of the message is wrong"],
  11: ["fallback", "Vonage found no route to the number"],
  12: ["fallback", "The number cannot be reached"],
  13: ["fallback", "The user's age does not allow the message"],
  14: ["fallback", "The user's carrier blocks SMS to the number"],
  15: ["fallback", "The user's prepaid account is empty"],
  16: ["backoff", "The sender is over the carrier's quota"],
  39: ["fix", "The sender is not allowed in the United States"],
  41: ["backoff", "The sender is over its daily limit"],
  50: ["fix", "The sender's entity is not registered with the carrier"],
  51: ["fix", "The sender is not registered with the carrier"],
  52: ["fix", "The text is not registered with the carrier"],
  53: ["fallback", "The user has not agreed to such messages"],
  54: ["fix", "A regulation of the country forbids the message"],
  99: ["fallback", "The carrier failed without a reason"],
});
