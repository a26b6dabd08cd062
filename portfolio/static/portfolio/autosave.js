/* The editor saves each field by itself, two seconds after the last key and when it is left, on top of what others saved
   meanwhile. What cannot be sent waits here and in the browser's draft (drafts.js). Without this script there is the button. */
"use strict";
(() => {
  const form = document.querySelector("form[data-autosave]");
  const draft = form && window.Greenlight?.draftOf?.(form);
  const state = document.querySelector("[data-savestate]");
  if (!draft || !state) return;
  const copy = document.querySelector("[data-savestate-copy]"); // beside the buttons, for those who are far down the page
  const { session } = window.Greenlight;
  const words = state.dataset;
  const AFTER_KEY = 2_000;
  const FIRST_WAIT = 2_000;
  const LONGEST_WAIT = 60_000;
  const touched = new Set(); // only what was changed on this page: what a conflict left open is decided by its own button
  const disputed = new Map(); // name → what stands there now, until the person picks
  let timer = 0;
  let wait = 0; // ms; how long the last try was put off
  let running = null;
  let isClosed = false; // it was submitted or taken away: nothing is saved any more

  // --- what the person sees ------------------------------------------------------------------------------
  function say(text, waits = false) {
    const line = state.querySelector("[data-words]");
    for (const shown of [line, copy]) shown?.classList.toggle("savestate--waits", waits);
    if (line.textContent !== text) line.textContent = text;
    if (copy) copy.textContent = text;
  }
  const pending = () => [...touched].filter((name) => draft.isChanged(name) && !disputed.has(name));
  const place = (name) => draft.fields(name)[0].closest(".line, .field");
  const note = (name) => place(name)?.querySelector(`[data-fault="${name}"]`);

  function fault(name, text) {
    note(name)?.remove();
    const [field] = draft.fields(name);
    field.toggleAttribute("aria-invalid", false);
    if (!text) return;
    field.setAttribute("aria-invalid", "true");
    const line = document.createElement("p");
    line.className = "field__error";
    line.textContent = text;
    line.dataset.fault = name;
    place(name).append(line);
  }

  function dispute(name, { said, mine, theirs }, stored) {
    disputed.set(name, stored);
    place(name).querySelector(`[data-two="${name}"]`)?.remove();
    const box = document.getElementById("two-values").content.firstElementChild.cloneNode(true);
    box.dataset.two = name;
    box.querySelector("[data-field]").textContent = draft.label(name);
    box.querySelector("[data-said]").textContent = said;
    box.querySelector("[data-mine]").textContent = mine || "—";
    box.querySelector("[data-theirs]").textContent = theirs || "—";
    const settle = (value) => {
      draft.was.set(name, disputed.get(name));
      draft.seen.set(name, disputed.get(name));
      disputed.delete(name);
      box.remove();
      draft.put(name, value, false);
      draft.fields(name)[0].focus();
      touched.add(name);
      draft.keep();
      send(true);
    };
    box.querySelector("[data-keep]").addEventListener("click", () => settle(draft.value(name)));
    box.querySelector("[data-take]").addEventListener("click", () => settle(disputed.get(name)));
    place(name).append(box);
  }

  function read(name, text) {
    let line = document.querySelector(`[data-reading="${name}"]`);
    if (!line && text) {
      line = document.createElement("p");
      line.className = "muted small";
      line.dataset.reading = name;
      document.getElementById(`about-${name}`)?.prepend(line);
    }
    if (line) line.textContent = text || "\u00a0"; // so that nothing below moves while one types
  }

  // --- sending -------------------------------------------------------------------------------------------
  function soon(ms) {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }
  function later(text, seconds = 0) {
    wait = seconds * 1000 || Math.min(wait * 2 || FIRST_WAIT, LONGEST_WAIT);
    say(text.replace("%n", Math.max(1, pending().length)).replace("%s", Math.round(wait / 1000)), true);
    soon(wait);
    return false;
  }

  /* True where the server has all that can be sent. One at a time: the next waits for the edition of the one before. */
  async function send(isAsked = false) {
    clearTimeout(timer);
    while (running) await running;
    const names = pending();
    if (isClosed) return false;
    if (!names.length && !isAsked) return true;
    running = hand(names);
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  async function hand(names) {
    const sent = new Map(names.map((name) => [name, draft.value(name)]));
    const body = new URLSearchParams();
    for (const [name, value] of sent) {
      body.set(name, value);
      body.set(`was-${name}`, draft.was.get(name));
    }
    const slow = setTimeout(() => say(words.saving), 1_000);
    let answer;
    let told = null;
    try {
      answer = await session.post(form.dataset.autosave, body);
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) told = await answer.json();
    } catch {
      return later(navigator.onLine ? words.retrying : words.offline);
    } finally {
      clearTimeout(slow);
    }
    if (answer.status === 401 || answer.status === 403) return say(words.kept.replace("%n", names.length), true), false;
    if (answer.status === 409 && told?.refusal) return (isClosed = true), say(told.refusal, true), false;
    if (answer.status === 404) return (isClosed = true), say(words.gone, true), false;
    if (!answer.ok || !told?.stored) return later(words.retrying, Number(answer.headers.get("Retry-After")));
    wait = 0;
    take(told, sent);
    return true;
  }

  function take(told, sent) {
    for (const [name, value] of sent) {
      fault(name, told.faults[name]);
      if (told.conflicts[name]) dispute(name, told.conflicts[name], told.stored[name]);
      else if (!(name in told.faults) && !told.waiting.includes(name)) {
        draft.seen.set(name, value);
        draft.was.set(name, told.stored[name]);
        read(name, told.readings[name] ?? "");
      }
    }
    for (const [name, stored] of Object.entries(told.stored)) merge(name, stored, sent);
    for (const edition of document.querySelectorAll("input[name=edition]")) edition.value = told.edition;
    draft.keep();
    const open = disputed.size + Object.keys(told.faults).length;
    say(open ? words.open.replace("%n", open) : words.saved.replace("%s", told.at), open > 0);
    const others = state.querySelector("[data-others]");
    others.hidden = !told.others.length;
    others.querySelector("span").textContent = told.others.join(", ");
  }

  // What others saved into fields that nobody touched here.
  function merge(name, stored, sent) {
    if (sent.has(name) || disputed.has(name) || !draft.fields(name).length || draft.was.get(name) === stored) return;
    if (draft.isChanged(name)) return; // it is asked when it is sent
    draft.was.set(name, stored);
    draft.seen.set(name, stored);
    draft.put(name, stored, false);
  }

  // --- what people do ------------------------------------------------------------------------------------
  const named = (event) => (event.target.name && draft.was.has(event.target.name) ? event.target.name : "");
  form.addEventListener("input", (event) => {
    if (!named(event)) return;
    touched.add(named(event));
    read(named(event), "");
    soon(Math.max(AFTER_KEY, wait));
  });
  form.addEventListener("change", (event) => {
    if (!named(event)) return;
    touched.add(named(event));
    if (!wait) send();
  });
  window.addEventListener("online", () => send());
  window.addEventListener("offline", () => pending().length && later(words.offline));
  document.addEventListener("greenlight:back", () => send());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && !wait && send());

  // The buttons: first what was typed, field by field, so that nothing of others is written over; then the page.
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady || isClosed || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    if (!(await send(true)) && !isClosed) return;
    if (disputed.size) return document.querySelector("[data-two] button").focus();
    isReady = true;
    form.requestSubmit(button);
  });
  window.addEventListener("pageshow", () => (isReady = false));
})();
