// Narrows a long list of choices by the words that are typed above it. Without this script the list is only long.
const NEAREST = 3;
const ALIKE = 0.3; // of 1; below it a name has little to do with what was typed
const SEPARATORS = /[\s.,@_()|，（）]+/;

// What two spellings may share: Chinese characters, and pairs of other letters.
const pieces = (word) => new Set([...word].map((letter, at, all) =>
  /\p{Script=Han}/u.test(letter) ? letter : letter + (all[at + 1] ?? "")));

const likeness = (wanted, word) => {
  const [these, those] = [pieces(wanted), pieces(word)];
  const shared = [...these].filter((piece) => those.has(piece)).length;
  return (2 * shared) / (these.size + those.size || 1);
};

for (const select of document.querySelectorAll("select[data-find]")) {
  const groups = [...select.children].map((child) => child.cloneNode(true));
  const all = [...select.options].map((option) => ({
    value: option.value,
    names: `${option.text} ${option.value} ${option.dataset.words ?? ""}`.toLowerCase(),
  }));
  const box = document.createElement("input");
  box.type = "search";
  box.autocomplete = "off";
  box.placeholder = select.dataset.find;
  box.setAttribute("aria-label", select.dataset.find);
  const said = document.createElement("p");
  said.className = "field__hint";
  said.setAttribute("role", "status");
  select.before(box);
  select.after(said);

  const fitting = (words) => all.filter(({ names }) => words.every((word) => names.includes(word)));

  const nearest = (wanted) => all
    .map((each) => ({ ...each, like: Math.max(...each.names.split(SEPARATORS).map((word) => likeness(wanted, word))) }))
    .filter((each) => each.like > ALIKE)
    .sort((one, other) => other.like - one.like)
    .slice(0, NEAREST);

  const show = (found) => {
    const kept = new Set(found.map((each) => each.value));
    const chosen = select.value;
    const copies = groups.map((group) => group.cloneNode(true));
    for (const group of copies) {
      for (const option of group.querySelectorAll("option")) if (!kept.has(option.value)) option.remove();
    }
    select.replaceChildren(...copies.filter((group) => group.querySelector("option")));
    select.value = chosen;
    if (select.value === chosen) return;
    select.selectedIndex = 0;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    const found = fitting(wanted.split(/\s+/));
    const offered = found.length ? found : nearest(wanted);
    const words = found.length ? select.dataset.fit : offered.length ? select.dataset.near : select.dataset.none;
    said.textContent = wanted ? words.replace("{n}", found.length).replace("{all}", all.length) : "";
    if (offered.length) show(offered); // else the last list stays, so that something is always chosen
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // not yet the whole form
    select.focus();
  });
}
