// The number's own − and + and its range, the marks of what is wrong, and a link that is copied. Without this script the
// numbers are typed and sent by the button, and the link leads to the same page.
const number = (text) => Number(text.replace(/,/g, "").replace(/^(.*)[%％]$/, (_all, share) => String(share / 100)));
const tidy = (value, step) => String(Number(value.toFixed(Math.max(0, 2 + Math.ceil(-Math.log10(step))))));

function dress(root) {
  for (const slide of root.querySelectorAll(".slide")) {
    const input = slide.querySelector("input[type=text]");
    const range = slide.querySelector("input[type=range]");
    range.value = number(input.value);
    for (const hidden of slide.querySelectorAll("[hidden]")) hidden.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-step]");
  if (button) {
    const slide = button.closest(".slide");
    const input = slide.querySelector("input[type=text]");
    const { min, max, step } = slide.querySelector("input[type=range]");
    const now = number(input.value);
    if (Number.isNaN(now)) return;
    const moved = Math.min(Math.max(now + Number(button.dataset.step) * step, Math.min(min, now)), Math.max(max, now));
    input.value = tidy(moved, Number(step));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const link = event.target.closest("#link");
  if (link && navigator.clipboard) {
    event.preventDefault();
    navigator.clipboard.writeText(link.href).then(() => { link.querySelector("span").textContent = link.dataset.copied; });
  }
});

document.addEventListener("input", (event) => {
  const slide = event.target.closest(".slide");
  if (!slide) return;
  const input = slide.querySelector("input[type=text]");
  const range = slide.querySelector("input[type=range]");
  if (event.target === range) input.value = range.value;
  else range.value = number(input.value);
});

document.addEventListener("htmx:afterSettle", () => {
  dress(document);
  for (const told of document.querySelectorAll(".what-if-error")) {
    const field = document.getElementById(told.id.replace(/_error$/, ""));
    if (field) field.toggleAttribute("aria-invalid", told.childElementCount > 0);
    if (field && told.childElementCount > 0) field.setAttribute("aria-invalid", "true");
  }
});

dress(document);
