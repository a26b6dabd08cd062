/* Django's boxes that search as one types have a label that only the hidden select is tied to. Tie the visible box to it too. */
"use strict";
function nameBoxes() {
  for (const box of document.querySelectorAll(".select2-selection")) {
    const select = box.closest(".select2").previousElementSibling;
    const label = select && select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (!label) continue;
    label.id ||= `label_of_${select.id}`;
    const shown = box.querySelector(".select2-selection__rendered");
    box.setAttribute("aria-labelledby", shown.id ? `${label.id} ${shown.id}` : label.id);
    shown.setAttribute("aria-labelledby", label.id);
  }
}
if (window.django?.jQuery) django.jQuery(nameBoxes); // after autocomplete.js, which was there before and waits in the same queue
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
