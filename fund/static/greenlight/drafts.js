/* What is typed into a form with data-draft="name" is kept in this browser until the server has it: after a crash, a dead
   network or a session that ended, the page offers it again. Kept by person; gone once saved, at log-out, and after a week. */
"use strict";
(() => {
  const PREFIX = "greenlight.draft:";
  const WEEK = 7 * 24 * 3600_000;
  const user = document.body.dataset.user;
  const template = document.getElementById("draft-offer");

  // --- the shelf -----------------------------------------------------------------------------------------
  const shelf = {
    keys: (prefix = PREFIX) => Object.keys(localStorage).filter((key) => key.startsWith(prefix)),
    read(key) {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write(key, draft) {
      try {
        localStorage.setItem(key, JSON.stringify(draft));
      } catch {
        /* full or forbidden: the page goes on without */
      }
    },
    drop: (key) => localStorage.removeItem(key),
  };
  try {
    shelf.keys();
  } catch {
    return; // a browser that keeps nothing
  }
  for (const key of shelf.keys()) if (!(Date.now() - (shelf.read(key)?.at ?? 0) < WEEK)) shelf.drop(key);
  const saved = document.cookie.match(/(?:^|; )draft_saved=([a-z0-9]+)/)?.[1];
  if (saved) {
    for (const key of shelf.keys()) if (shelf.read(key)?.id === saved) shelf.drop(key);
    document.cookie = "draft_saved=; Max-Age=0; Path=/; SameSite=Lax";
  }
  for (const told of document.querySelectorAll("[data-tells-drafts]")) told.hidden = !shelf.keys().length;
  if (!user || !template) return;

  const own = () => shelf.keys(`${PREFIX}${user}:`);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-logs-out]")) return;
    for (const draft of all) draft.keep();
    if (own().length && !confirm(template.dataset.logout)) return event.preventDefault();
    for (const draft of all) draft.stop();
    for (const key of own()) shelf.drop(key);
  });

  // --- one form ------------------------------------------------------------------------------------------
  const KEPT = ":is(input:not([type=hidden], [type=file], [type=password], [type=submit]), select, textarea):not([data-not-kept])";
  const plain = (text) => text.replaceAll("\r\n", "\n").trim();

  class Draft {
    was = new Map(); // name → what the server has, as far as this page knows
    seen = new Map(); // name → how the page shows that
    pending = new Map(); // name → a value for a field that is still on its way

    constructor(form) {
      this.form = form;
      this.key = `${PREFIX}${user}:${form.dataset.draft}`;
      this.isAnswer = "unsaved" in form.dataset; // the server gave back what was typed, and did not save it
      const kept = shelf.read(this.key);
      this.id = kept?.id ?? (Date.now().toString(36) + Math.random().toString(36).slice(2));
      for (const name of this.names()) this.meet(name, this.isAnswer ? kept?.fields[name]?.was : undefined);
      form.addEventListener("input", () => this.soon());
      form.addEventListener("change", () => this.soon());
      form.addEventListener("submit", (event) => this.onSubmit(event));
      document.addEventListener("htmx:afterSettle", () => this.fill());
      document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.keep());
      window.addEventListener("pagehide", () => this.keep());
      if (kept && !this.isAnswer) this.offer(kept);
      else this.keep();
    }

    names() {
      const named = [...this.form.elements].filter((field) => field.name && field.matches(KEPT));
      return [...new Set(named.map((field) => field.name))];
    }
    fields(name) {
      return [...this.form.elements].filter((field) => field.name === name && field.matches(KEPT));
    }
    meet(name, was) {
      if (this.was.has(name)) return;
      this.was.set(name, plain(this.fields(name)[0].dataset.was ?? was ?? this.first(name)));
      this.seen.set(name, this.was.get(name));
    }
    first(name) {
      const fields = this.fields(name);
      const [field] = fields;
      if (field.type === "radio") return fields.find((one) => one.defaultChecked)?.value ?? "";
      if (field.type === "checkbox") return field.defaultChecked ? "on" : "";
      if (field.tagName === "SELECT") return ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value ?? "";
      return field.defaultValue;
    }
    value(name) {
      const fields = this.fields(name);
      const [field] = fields;
      if (!field) return "";
      if (field.type === "radio") return fields.find((one) => one.checked)?.value ?? "";
      if (field.type === "checkbox") return field.checked ? "on" : "";
      return plain(field.value);
    }
    put(name, value, isTold = true) {
      const fields = this.fields(name);
      for (const field of fields) {
        if (field.type === "radio") field.checked = field.value === value;
        else if (field.type === "checkbox") field.checked = value === "on";
        else field.value = value;
      }
      const field = fields.find((one) => one.checked) ?? fields[0];
      field?.closest("details")?.setAttribute("open", "");
      if (isTold && field) for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    }
    isChanged(name) {
      this.meet(name);
      return this.value(name) !== this.seen.get(name);
    }
    changed() {
      return this.names().filter((name) => this.isChanged(name));
    }
    label(name) {
      const [field] = this.fields(name);
      const about = field.type === "radio" ? field.closest("fieldset")?.querySelector("legend") : field.labels?.[0];
      return (about?.textContent ?? name).trim().replace(/\s+/g, " ");
    }
    shown(name, value) {
      const fields = this.fields(name);
      const [field] = fields;
      if (field.type === "checkbox") return value ? "✓" : "—";
      if (field.type === "radio") return fields.find((one) => one.value === value)?.closest("label")?.textContent.trim() ?? "—";
      if (field.tagName === "SELECT") return [...field.options].find((one) => one.value === value)?.text ?? value;
      return value || "—";
    }

    // --- keeping -----------------------------------------------------------------------------------------
    soon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), 300);
    }
    keep() {
      if (this.isStopped) return;
      clearTimeout(this.timer);
      const fields = { ...this.offered?.fields }; // what waits to be taken over stays
      for (const name of this.changed()) fields[name] = { value: this.value(name), was: this.was.get(name) };
      for (const [name, value] of this.pending) fields[name] = { value, was: "" };
      if (!Object.keys(fields).length) shelf.drop(this.key);
      else shelf.write(this.key, { id: this.id, at: Date.now(), fields });
    }
    stop() {
      this.isStopped = true;
      clearTimeout(this.timer);
    }
    onSubmit(event) {
      if (event.defaultPrevented) return;
      this.keep();
      if (!navigator.onLine) {
        event.preventDefault();
        return this.say(template.dataset.offline);
      }
      const named = this.form.querySelector("input[name=draft]") ?? document.createElement("input");
      // What is still on offer is not in this form, so its draft outlives it.
      named.type = "hidden";
      named.name = "draft";
      const waits = Object.entries(this.offered?.fields ?? {}).some(([name, field]) => !this.was.has(name) || field.value !== this.value(name));
      named.value = waits ? "none" : this.id;
      this.form.append(named);
    }
    say(text) {
      const line = this.form.querySelector(".draft-said") ?? document.createElement("p");
      line.className = "notice notice--warn draft-said";
      line.setAttribute("role", "alert");
      line.textContent = text;
      this.form.append(line);
      window.addEventListener("online", () => line.remove(), { once: true });
    }

    // --- offering ----------------------------------------------------------------------------------------
    offer(kept) {
      const rows = Object.entries(kept.fields).filter(([name, field]) => !this.was.has(name) || field.value !== this.value(name));
      if (!rows.length) return shelf.drop(this.key); // all of it was saved
      this.offered = kept;
      const box = template.content.firstElementChild.cloneNode(true);
      const when = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      const head = box.querySelector("[data-words]");
      head.textContent = head.textContent.replace("%when", when.format(kept.at)).replace("%n", rows.length);
      const body = box.querySelector("tbody");
      const model = body.firstElementChild;
      for (const [name, field] of rows) {
        const row = model.cloneNode(true);
        const isHere = this.was.has(name);
        const hasMoved = isHere && this.was.get(name) !== field.was;
        row.querySelector("[data-label-of]").textContent = isHere ? this.label(name) : name;
        row.querySelector("[data-mine]").textContent = isHere ? this.shown(name, field.value) : field.value;
        row.querySelector("[data-now]").textContent = isHere ? this.shown(name, this.value(name)) : "—";
        row.querySelector("[data-moved]").hidden = !hasMoved;
        const box = row.querySelector("input");
        box.checked = !hasMoved;
        box.value = name;
        body.append(row);
      }
      model.remove();
      box.querySelector("[data-files]").hidden = !this.form.querySelector("input[type=file]");
      box.querySelector("[data-take]").addEventListener("click", () => {
        const names = [...body.querySelectorAll("input:checked")].map((input) => input.value);
        this.settle(box);
        this.pending = new Map(names.map((name) => [name, kept.fields[name].value]));
        this.fill();
        this.keep();
      });
      box.querySelector("[data-discard]").addEventListener("click", () => {
        this.settle(box);
        this.keep();
      });
      this.form.closest("details")?.setAttribute("open", "");
      this.form.before(box);
    }
    settle(box) {
      this.offered = null;
      box.remove();
    }
    fill() {
      for (const [name, value] of this.pending) {
        if (!this.fields(name).length) continue; // it comes with the answer to another field
        this.pending.delete(name);
        this.meet(name);
        this.put(name, value);
      }
    }
  }

  const all = [...document.querySelectorAll("form[data-draft]")].map((form) => new Draft(form));
  window.Greenlight = { ...window.Greenlight, draftOf: (form) => all.find((draft) => draft.form === form) };
})();
