/* A field for the place in each of the files that were chosen. Without this script there is one, for one file. */
"use strict";
(() => {
  document.addEventListener("change", (event) => {
    const row = event.target.matches?.('input[type="file"]') && event.target.closest("[data-new-files]");
    if (!row) return;
    const fields = [...row.querySelectorAll("[data-new-place]")];
    const names = [...event.target.files].map((file) => file.name);
    const [first] = fields;
    first.dataset.label ||= first.querySelector("label").textContent;
    for (const more of fields.slice(Math.max(names.length, 1))) more.remove();
    for (let at = fields.length; at < names.length; at += 1) {
      const field = first.cloneNode(true);
      const input = field.querySelector("input");
      input.value = "";
      input.id = `id_cited-attached-place-${at + 1}`;
      field.querySelector("label").htmlFor = input.id;
      row.append(field);
    }
    row.querySelectorAll("[data-new-place] label").forEach((label, at) => {
      label.textContent = names.length > 1 ? `${first.dataset.label} · ${names[at]}` : first.dataset.label;
    });
  });
})();
