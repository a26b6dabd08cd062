/* Ticks all lines of the page at once. Without this script they are ticked one by one. */
"use strict";
(() => {
  const all = document.querySelector("#tick-all");
  if (!all) return;
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const each of document.querySelectorAll("input[name=line]")) each.checked = all.checked;
  });
})();
