const START = `const { sid } = await client.verify.v2
  .services("login")
  .verifications.create({
    to: "+6281234567890",
    channel: "whatsapp",
    locale: "id",
  });`;

const CHECK = `const { valid } = await client.verify.v2
  .services("login")
  .verificationChecks.create({
    verificationSid: sid,
    code: "482913",
  });`;

const CHECK_BY_NUMBER = `const { valid } = await client.verify.v2
  .services("login")
  .verificationChecks.create({
    to: "+6281234567890",
    code: "482913",
  });`;

const FETCH = `const verification = await client.verify.v2
  .services("login")
  .verifications(sid)
  .fetch();`;

const CANCEL = `const verification = await client.verify.v2
  .services("login")
  .verifications(sid)
  .update({ status: "canceled" });`;

const APPROVE = `const verification = await client.verify.v2
  .services("login")
  .verifications(sid)
  .update({ status: "approved" });`;

const ATTEMPTS = `const attempts = await client.verify.v2
  .verificationAttempts.list({ limit: 50 });`;

const SUMMARY = `const summary = await client.verify.v2
  .verificationAttemptsSummary()
  .fetch();`;

/** How the twilio package makes a call, or its equal, through a deployment's Twilio-compatible API. */
export const TWILIO_LINES: Readonly<Record<string, string>> = {
  startVerification: START,
  checkVerification: CHECK,
  checkVerificationByNumber: CHECK_BY_NUMBER,
  getVerification: FETCH,
  cancelVerification: CANCEL,
  approveVerification: APPROVE,
  listVerifications: ATTEMPTS,
  readStats: SUMMARY,
  createTwilioVerification: START,
  checkTwilioVerification: CHECK_BY_NUMBER,
  fetchTwilioVerification: FETCH,
  updateTwilioVerification: CANCEL,
  listTwilioServices: `const services = await client.verify.v2.services.list();`,
  fetchTwilioService: `const service = await client.verify.v2.services("login").fetch();`,
  listTwilioAttempts: ATTEMPTS,
  summarizeTwilioAttempts: SUMMARY,
};

/** What these lines need before them. */
export function twilioSetUp(origin: string): string {
  return `import twilio from "twilio";

const client = twilio("AC00000000000000000000000000000000", process.env.SANDI_KEY);
client.verify.baseUrl = "${origin}/twilio";`;
}
