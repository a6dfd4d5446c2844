/** Shows in the button how long it is until the code may be sent again, and then offers it. */
export function countDown(): void {
  const button = document.querySelector<HTMLButtonElement>("button[data-wait]");
  if (button === null) return;
  const label = button.textContent ?? "";
  const from = performance.now() + Number(button.dataset.wait) * 1000;
  const show = () => {
    const seconds = Math.ceil((from - performance.now()) / 1000);
    if (seconds > 0) {
      // Not in a live region: a screen reader would read every second.
      button.textContent = `${label} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      return;
    }
    clearInterval(timer);
    button.textContent = label;
    button.closest("details")?.setAttribute("open", "");
  };
  const timer = setInterval(show, 1_000);
  show();
}
