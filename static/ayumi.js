// Small helps on top of pages that work without them.
"use strict";

// Remember the size of the type, so that the server sends the next page in it.
document.addEventListener("change", (event) => {
  if (event.target.name !== "textsize") return;
  const year = 365 * 24 * 60 * 60;
  document.cookie = `textsize=${event.target.value}; path=/; max-age=${year}; SameSite=Lax`;
});

// A print button is of use only where a script can press it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// On paper everything is open: the way a rate was worked out prints with it.
const opened = [];
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    opened.push(details);
  }
});
window.addEventListener("afterprint", () => {
  while (opened.length) opened.pop().open = false;
});
