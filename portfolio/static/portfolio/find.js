// A hit of the search is taken into the list of kinds without leaving the page, so that what was typed elsewhere stays.
// Without this script each hit is a link that opens the form with its kind chosen.
document.addEventListener("click", (event) => {
  const hit = event.target.closest("a[data-kind]");
  const select = document.querySelector("#id_kind");
  if (!hit || !select) return;
  event.preventDefault();
  select.value = hit.dataset.kind;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  document.querySelector("#found").replaceChildren();
  document.querySelector("#find").value = "";
  select.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "find") event.preventDefault(); // the hits come while one types
});
