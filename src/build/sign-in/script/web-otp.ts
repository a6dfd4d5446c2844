/** What WebOTP returns, which the library's types lack. */
interface OtpCredential extends Credential {
  readonly code: string;
}

/** Takes the code out of an SMS that names this site, where the user allows it (WICG, WebOTP API). */
export async function fillFromSms(): Promise<void> {
  const field = document.querySelector<HTMLInputElement>("#code");
  if (field === null || !("OTPCredential" in window)) return;
  const options = { otp: { transport: ["sms"] } } as CredentialRequestOptions;
  const credential = await navigator.credentials.get(options).catch(() => null);
  if (credential === null || field.value !== "") return;
  field.value = (credential as OtpCredential).code;
  // The user has just allowed it, so that sending it is what they expect.
  field.form?.requestSubmit();
}
