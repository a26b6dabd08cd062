/* Single keys on lists: / search, j k move, x select, Enter open, c compare, ? the list of keys; in a case a f q s n, Esc closes and gives focus back.
   Never inside a field, never with a modifier, and not at all where the person has switched them off. */
"use strict";
(() => {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  let before = null; // what had the focus when the list of keys was opened

  const rows = () => [...document.querySelectorAll("main tbody tr")].filter((row) => link(row));
  const link = (row) => row.querySelector("th a[href], td a[href]");
  const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=textbox]");

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const now = all.indexOf(document.activeElement.closest("tr"));
    const next = all[Math.min(all.length - 1, Math.max(0, now < 0 ? (by > 0 ? 0 : all.length - 1) : now + by))];
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function select() {
    const box = document.activeElement.closest("tr")?.querySelector("input[type=checkbox]");
    if (box) box.click();
  }

  function show() {
    before = document.activeElement;
    dialog.showModal();
  }

  dialog.addEventListener("close", () => before?.focus());

  const commands = {
    j: () => move(1),
    k: () => move(-1),
    x: select,
    c: () => document.querySelector("[data-key=compare]")?.click(),
    ...Object.fromEntries([..."afqsn"].map((key) => [key, () => document.querySelector(`main [data-press="${key}"]`)?.click()])),
    "/": () => document.querySelector("main input[type=search]")?.focus(),
    "?": show,
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = document.activeElement.closest("details.menu[open]") ?? document.querySelector("details.menu[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      }
      return;
    }
    const command = commands[event.key];
    if (!command || event.ctrlKey || event.metaKey || event.altKey || dialog.open || isTyping(event.target)) return;
    event.preventDefault();
    command();
  });

  for (const button of document.querySelectorAll("[data-shows=keys]"))
    button.addEventListener("click", (event) => {
      event.preventDefault();
      show();
    });
})();
