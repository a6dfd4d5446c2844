/**
 * Titles of the Cloud API's error codes, and the HTTP status each comes with.
 * Source: Meta's page "Error codes" of the Cloud API.
 */
const CODES: Record<number, { status: number; title: string }> = {
  0: { status: 401, title: "Authentication failed" },
  1: { status: 400, title: "An unknown error has occurred" },
  2: { status: 503, title: "Service temporarily unavailable" },
  3: { status: 500, title: "Application does not have the capability to make this API call" },
  4: { status: 400, title: "Application request limit reached" },
  10: { status: 403, title: "Application does not have permission for this action" },
  15: { status: 400, title: "This method must be called with an app access_token" },
  100: { status: 400, title: "Invalid parameter" },
  101: { status: 400, title: "Error validating application. Cannot get application info" },
  190: { status: 401, title: "Invalid OAuth access token" },
  200: { status: 403, title: "You do not have permission to access this field" },
  368: { status: 403, title: "Temporarily blocked for policies violations" },
  2200: { status: 400, title: "Callback verification failed" },
  2500: { status: 400, title: "Unknown path components" },
  80007: { status: 400, title: "Rate limit issues" },
  130429: { status: 400, title: "Rate limit hit" },
  130472: { status: 400, title: "User's number is part of an experiment" },
  130497: { status: 403, title: "Business account is restricted from messaging users in this country" },
  131000: { status: 500, title: "Something went wrong" },
  131005: { status: 403, title: "Access denied" },
  131008: { status: 400, title: "Required parameter is missing" },
  131009: { status: 400, title: "Parameter value is not valid" },
  131016: { status: 500, title: "Service unavailable" },
  131021: { status: 400, title: "Recipient cannot be sender" },
  131026: { status: 400, title: "Message undeliverable" },
  131030: { status: 400, title: "Recipient phone number not in allowed list" },
  131031: { status: 403, title: "Business account has been locked" },
  131037: { status: 400, title: "Display name needs approval before a message can be sent" },
  131042: { status: 400, title: "Business eligibility payment issue" },
  131045: { status: 500, title: "Incorrect certificate" },
  131047: { status: 400, title: "Re-engagement message" },
  131048: { status: 400, title: "Spam rate limit hit" },
  131049: { status: 400, title: "Message withheld to maintain healthy ecosystem engagement" },
  131050: { status: 400, title: "User has stopped marketing messages from this business" },
  131051: { status: 400, title: "Unsupported message type" },
  131053: { status: 400, title: "Media upload error" },
  131056: { status: 400, title: "(Business Account, Consumer Account) pair rate limit hit" },
  131057: { status: 500, title: "Account in maintenance mode" },
  131062: { status: 400, title: "Business-scoped user ID recipients are not supported for this message" },
  132000: { status: 400, title: "Number of parameters does not match the expected number of params" },
  132001: { status: 404, title: "Template name does not exist in the translation" },
  132005: { status: 400, title: "Translated text too long" },
  132007: { status: 400, title: "Template format character policy violated" },
  132008: { status: 400, title: "Parameter value is not valid" },
  132012: { status: 400, title: "Parameter format does not match format in the created template" },
  132015: { status: 400, title: "Template is paused" },
  132016: { status: 400, title: "Template is disabled" },
  132018: { status: 400, title: "There is an issue with the parameters in your template" },
  133004: { status: 503, title: "Server temporarily unavailable" },
  133005: { status: 400, title: "Two step verification PIN mismatch" },
  133006: { status: 400, title: "Phone number re-verification needed" },
  133008: { status: 400, title: "Too many two step verification PIN guesses" },
  133010: { status: 400, title: "Phone number not registered" },
  133015: { status: 400, title: "Please wait a few minutes before attempting to register this phone number" },
  133016: { status: 400, title: "Account register deregister rate limit exceeded" },
  135000: { status: 400, title: "Generic user error" },
  136025: { status: 400, title: "Verify code error" },
  137000: { status: 400, title: "Recipient identity key hash mismatch" },
};

/** The error object as the Graph API writes it. */
export interface GraphErrorBody {
  error: {
    message: string;
    type: string;
    code: number;
    error_subcode?: number;
    is_transient?: boolean;
    error_data?: { messaging_product: "whatsapp"; details: string };
    error_user_title?: string;
    error_user_msg?: string;
    fbtrace_id: string;
  };
}

interface GraphErrorOptions {
  /** Default: the status the code usually comes with. */
  status?: number;
  /** Default: `(#code) title`. */
  message?: string;
  type?: string;
  subcode?: number;
  /** Becomes `error_data.details`; only errors of the messaging API have it. */
  details?: string;
  user?: { title: string; message: string };
}

/** A refusal by the Graph API. Thrown by routes, turned into the answer in one place. */
export class GraphError extends Error {
  readonly code: number;
  readonly status: number;
  readonly #options: GraphErrorOptions;

  constructor(code: number, options: GraphErrorOptions = {}) {
    super(options.message ?? `(#${code}) ${errorTitle(code)}`);
    this.code = code;
    this.status = options.status ?? CODES[code]?.status ?? 400;
    this.#options = options;
  }

  body(): GraphErrorBody {
    const { type, subcode, details, user } = this.#options;
    return {
      error: {
        message: this.message,
        type: type ?? "OAuthException",
        code: this.code,
        ...(subcode === undefined ? {} : { error_subcode: subcode }),
        // "API service" is the code that Graph marks as worth another try.
        ...(this.code === 2 ? { is_transient: true } : {}),
        ...(details === undefined ? {} : { error_data: { messaging_product: "whatsapp", details } }),
        ...(user === undefined ? {} : { error_user_title: user.title, error_user_msg: user.message }),
        fbtrace_id: traceId(),
      },
    };
  }

  response(): Response {
    return Response.json(this.body(), { status: this.status });
  }
}

/** The title of an error code, in HTTP answers and in webhooks alike. */
export function errorTitle(code: number): string {
  return CODES[code]?.title ?? "Something went wrong";
}

/** An id or an edge that does not exist or that the token may not see; Graph does not say which. */
export function unknownObject(method: string, id: string): GraphError {
  return new GraphError(100, {
    subcode: 33,
    type: "GraphMethodException",
    message:
      `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded ` +
      "due to missing permissions, or does not support this operation",
  });
}

function traceId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `A${btoa(String.fromCharCode(...bytes)).replaceAll(/[+/=]/g, "")}`;
}
