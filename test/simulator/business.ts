/** The simulated WhatsApp Business sender: what users see of it, and its country code and number in digits. */
export const BUSINESS = {
  name: "Sandi",
  countryCode: "1",
  number: "12065550100",
  displayNumber: "+1 206-555-0100",
} as const;
