import { callWithWebhook } from "./control.js";

/** Where the user writes. Enter sends, with Shift it starts a new line. */
export class Composer {
  #form;
  #field;
  #button;
  #number = null;
  /** Of a link: it waits for the phone that it is sent from. */
  #draft = "";

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#button = form.querySelector("button");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  /** @param {string} text what the user is about to send */
  draft(text) {
    this.#draft = text;
    this.#field.value = text;
  }

  /** Whether the phone must not turn to another number under the user's hands. */
  get isInUse() {
    return this.#field.value !== "" || this.#form.contains(document.activeElement);
  }

  /** @param {string | null} number whose phone it is; null while there is none */
  writeFrom(number) {
    if (number !== this.#number) this.#field.value = this.#draft;
    this.#number = number;
    this.#field.disabled = number === null;
    this.#button.disabled = number === null;
  }

  async #send() {
    const text = this.#field.value.trim();
    if (text === "" || this.#number === null) return;
    this.#field.value = "";
    this.#draft = "";
    await callWithWebhook("/inbound", { from: this.#number, text }, "Sent");
  }
}
