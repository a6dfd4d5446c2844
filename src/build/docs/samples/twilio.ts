/** How the twilio package makes the equal of a call, through a deployment's Twilio-compatible API. */
export const TWILIO_LINES: Readonly<Record<string, string>> = {
  startVerification: `const { sid } = await client.verify.v2
  .services("login")
  .verifications.create({
    to: "+6281234567890",
    channel: "auto",
    locale: "id",
  });`,
  checkVerification: `const { valid } = await client.verify.v2
  .services("login")
  .verificationChecks.create({
    verificationSid: sid,
    code: "482913",
  });`,
  checkVerificationByNumber: `const { valid } = await client.verify.v2
  .services("login")
  .verificationChecks.create({
    to: "+6281234567890",
    code: "482913",
  });`,
  getVerification: `const verification = await client.verify.v2
  .services("login")
  .verifications(sid)
  .fetch();`,
  cancelVerification: `const verification = await client.verify.v2
  .services("login")
  .verifications(sid)
  .update({ status: "canceled" });`,
  approveVerification: `const verification = await client.verify.v2
  .services("login")
  .verifications(sid)
  .update({ status: "approved" });`,
  listVerifications: `const attempts = await client.verify.v2
  .verificationAttempts.list({ limit: 50 });`,
  readStats: `const summary = await client.verify.v2
  .verificationAttemptsSummary()
  .fetch();`,
};

/** What these lines need before them. */
export function twilioSetUp(origin: string): string {
  return `import twilio from "twilio";

const client = twilio("AC00000000000000000000000000000000", process.env.SANDI_KEY);
client.verify.baseUrl = "${origin}/twilio";`;
}
