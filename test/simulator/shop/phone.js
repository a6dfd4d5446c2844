// Opens the phone in a window of its own beside the shop. Without script, and on a phone, it is a tab.
const link = document.querySelector("a[target=phone]");
link?.addEventListener("click", (event) => {
  if (innerWidth < 700) return;
  const phone = open(link.href, "phone", "popup,width=440,height=900");
  if (phone !== null) event.preventDefault();
});
