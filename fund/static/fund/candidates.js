/* How many candidates are ticked, said beside what can be done with them. */
"use strict";
(() => {
  const count = document.querySelector(".chosen__count");
  if (!count) return;
  const form = count.closest("form");
  const otherwise = count.textContent;
  const say = () => {
    const n = form.querySelectorAll("input[name=c]:checked").length;
    count.parentElement.toggleAttribute("data-none", !n);
    count.textContent = n ? count.dataset.one.replace("%s", n) : otherwise;
  };
  form.addEventListener("change", say);
  window.addEventListener("pageshow", say); // going back keeps what was ticked
})();
