import type { definitions } from "../../../http/v1/index.ts";
import { compatibleAnswers } from "./compatible.ts";
import type { Answers } from "./example.ts";
import { notificationAnswers } from "./notifications.ts";
import { oauthAnswers } from "./oauth.ts";
import { openIdAnswers } from "./openid.ts";
import { operationAnswers } from "./operation.ts";
import { templateAnswers } from "./templates.ts";
import { verificationAnswers } from "./verifications.ts";
import { webhookEndpointAnswers } from "./webhook-endpoints.ts";

type EveryCall = Readonly<Record<keyof ReturnType<typeof definitions>, Answers[string]>>;

/** An example for every answer of version 1. A call without one does not compile. */
const ownAnswers: EveryCall = {
  ...verificationAnswers,
  ...notificationAnswers,
  ...templateAnswers,
  ...operationAnswers,
  ...oauthAnswers,
  ...webhookEndpointAnswers,
};

/** An example for every answer. */
export const ANSWERS: Answers = { ...ownAnswers, ...openIdAnswers, ...compatibleAnswers };
