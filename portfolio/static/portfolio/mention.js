/* A click on a name puts it where one is writing. Without this script one types it. */
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mention]");
  const field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  const { selectionStart: from, selectionEnd: to } = field;
  field.setRangeText(button.dataset.mention, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
