/* The sheet of a bill: a block copied from Excel fills the cells, Enter goes to the next, rows are added.
   Without this script each cell is a field, and every save offers two more rows. */
"use strict";
(() => {
  const sheet = document.querySelector("#sheet");
  if (!sheet) return;
  const rows = document.querySelector("#meters");
  const add = document.querySelector("#meter-add");
  const blank = document.querySelector("#meter-blank");
  const said = document.querySelector("#pasted");
  let changed = false;

  add.hidden = false;
  document.querySelector(".sheet__paste").hidden = false;

  const months = (row) => [...row.querySelectorAll(".meter__cells .field:not(.meter__year) input")];
  const number = (row) => [...rows.children].indexOf(row);

  const added = () => {
    const count = rows.children.length;
    if (count >= Number(add.dataset.most)) return null;
    const copy = blank.content.firstElementChild.cloneNode(true);
    copy.dataset.index = count;
    for (const each of copy.querySelectorAll("[name], [id], [for]")) {
      for (const name of ["name", "id", "for"]) {
        if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replace("rN-", `r${count}-`));
      }
    }
    const last = rows.lastElementChild;
    if (last) copy.querySelector("[name$='-unit']").value = last.querySelector("[name$='-unit']").value;
    rows.append(copy);
    sheet.elements.rows.value = rows.children.length;
    return copy;
  };

  add.addEventListener("click", () => {
    const row = added();
    if (row) row.querySelector("select, input:not([type='hidden'])").focus();
    add.disabled = rows.children.length >= Number(add.dataset.most);
  });

  // What Excel puts on the clipboard: lines of cells with tabs between them.
  const block = (text) => {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const isHead = (line) => line.length > 1 && line.every((cell) => /^\s*$|月|[A-Za-z一-鿿]/.test(cell) && !/^[\d.,]+\s*[万亿]?$/.test(cell.trim()));
    return lines.length > 1 && isHead(lines[0]) ? lines.slice(1) : lines;
  };
  const turned = (cells) => cells[0].map((_each, column) => cells.map((line) => line[column] ?? ""));

  rows.addEventListener("paste", (event) => {
    const field = event.target.closest(".meter__cells input");
    const text = event.clipboardData.getData("text/plain");
    if (!field || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    let cells = block(text);
    const isColumn = cells.length > 1 && cells.every((line) => line.length === 1);
    if (isColumn || (cells.length === 12 && cells[0].length !== 12)) cells = turned(cells);
    const row = field.closest(".meter");
    const start = Math.max(months(row).indexOf(field), 0);
    let filled = 0;
    let left = 0;
    cells.forEach((line, below) => {
      const target = rows.children[number(row) + below] ?? added();
      line.forEach((cell, beside) => {
        const to = target ? months(target)[start + beside] : null;
        if (to && cell.trim()) {
          to.value = cell.trim();
          filled += 1;
        } else if (cell.trim()) left += 1;
      });
    });
    said.textContent = (left ? sheet.dataset.left : sheet.dataset.filled).replace("%n", filled).replace("%m", left);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  rows.addEventListener("keydown", (event) => {
    const field = event.target.closest(".meter__cells input");
    if (event.key !== "Enter" || !field || event.isComposing) return;
    event.preventDefault();
    const all = [...rows.querySelectorAll(".meter__cells input")];
    (all[all.indexOf(field) + 1] ?? sheet.querySelector(".sheet__actions button"))?.focus();
  });

  // A new site is told below; its fields open when it is chosen.
  rows.addEventListener("change", (event) => {
    if (event.target.value === "new" && event.target.matches("[name$='-site']")) document.querySelector("#new-site").open = true;
  });

  sheet.addEventListener("input", () => { changed = true; });
  sheet.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
