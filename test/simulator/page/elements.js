/**
 * Builds an element. Text goes in as text, never as markup.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/**
 * One of the page's symbols, as decoration.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A text as children of an element, its code set off from the rest.
 * @param {string} text
 * @param {string | null} code
 */
export function withCode(text, code) {
  if (code === null) return [text];
  const [before, ...after] = text.split(code);
  return after.length === 0 ? [text] : [before, element("b", {}, code), after.join(code)];
}

/** @param {string} iso */
export function clockTime(iso) {
  return new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }).format(new Date(iso));
}

let toastTimer;

/**
 * Says something for a moment, to eyes and to screen readers.
 * @param {string} text
 */
export function toast(text) {
  const node = document.getElementById("toast");
  node.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    node.textContent = "";
  }, 2_400);
}

/**
 * @param {string} text
 * @param {string} done what to say when it worked
 */
export async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    toast(`Your browser did not allow copying: ${text}`);
  }
}
