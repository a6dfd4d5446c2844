/** The simulated WhatsApp Business sender: what users see of it, and its number in digits. */
export const BUSINESS = {
  name: "Sandi",
  number: "12065550100",
  displayNumber: "+1 206-555-0100",
} as const;
