/* The session and this page: says in time that it ends, keeps it when asked, and stands in for the log-in page where a
   part of a page was asked for. What other scripts send goes through `Greenlight.session.post`. */
"use strict";
(() => {
  const user = document.body.dataset.user;
  const box = document.getElementById("session-notice");
  if (!user || !box) return;
  const words = box.dataset;
  const KEY = "greenlight.session";
  const WARN = 5 * 60_000; // before the end; of a very short session a third of it
  const LATE = 65_000; // the server writes a use down once a minute
  const TIMEOUT = 15_000;
  let idle = words.idle * 1000;
  const atLongest = Date.now() + words.left * 1000; // from here on no use keeps it
  let until = Math.min(Date.now() + idle, atLongest);
  let hasEnded = false;

  // --- other windows of the same browser ----------------------------------------------------------------
  function remember() {
    try {
      localStorage.setItem(KEY, JSON.stringify({ user, until }));
    } catch {
      /* a browser that keeps nothing: each window warns for itself */
    }
  }
  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      if (kept.user === user) until = Math.min(Math.max(until, kept.until), atLongest);
    } catch {
      /* as above */
    }
  }
  function used(seconds = 0) {
    until = Math.min(Math.max(until, Date.now() + (seconds * 1000 || idle - 60_000)), atLongest);
    hasEnded = false;
    remember();
    look();
  }

  // --- what the person sees ------------------------------------------------------------------------------
  const clock = (time) => new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" }).format(time);
  function show(text, { stay = false, login = false } = {}) {
    const line = box.querySelector("[data-words]");
    const keeps = document.querySelector("form[data-draft]") ? ` ${words.kept}` : "";
    if (line.textContent !== text + keeps) line.textContent = text + keeps;
    box.querySelector("[data-stay]").hidden = !stay;
    box.querySelector("[data-login]").hidden = !login;
    box.hidden = false;
  }
  function look() {
    if (hasEnded) return;
    recall();
    const left = until - Date.now();
    if (left > Math.min(WARN, idle / 3)) box.hidden = true;
    else if (left > -LATE) {
      const isLast = until >= atLongest;
      show((isLast ? words.endsLast : words.ends).replace("%s", clock(until)), { stay: !isLast });
    } else ended();
  }
  function ended(text = words.ended) {
    hasEnded = true;
    const link = box.querySelector("[data-login]");
    link.href = `${words.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
    show(text, { login: true });
  }

  // --- asking the server ---------------------------------------------------------------------------------
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  function ask(url, options = {}) {
    const headers = { "HX-Request": "true", "X-CSRFToken": token(), ...options.headers };
    return fetch(url, { ...options, headers, signal: AbortSignal.timeout(TIMEOUT) });
  }
  // After a log-in in another window the forms of this one hold an old token. True: they hold the new one.
  async function renew(method = "GET") {
    const answer = await ask(words.present, { method });
    if (answer.status === 401) return ended(), false;
    if (!answer.ok) return false;
    const now = await answer.json();
    if (String(now.user) !== user) return ended(words.other), false;
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = now.csrf;
    used(now.idle);
    return true;
  }
  /* The answer to a form's fields; 401 where the session is over. Throws where there is no network. */
  async function post(url, body, isSecond = false) {
    const answer = await ask(url, { method: "POST", body, keepalive: true });
    if (answer.status === 401) ended();
    else if (answer.status === 403 && !isSecond && (await renew())) return post(url, body, true);
    else if (answer.status === 403) ended(hasEnded ? undefined : words.expired);
    else if (answer.ok) used();
    return answer;
  }

  box.querySelector("[data-stay]").addEventListener("click", () => renew("POST").catch(() => show(words.offline, { stay: true })));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && used());
  document.addEventListener("htmx:responseError", async (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) ended();
    else if (status === 403 && (await renew().catch(() => false)) === false && !hasEnded) ended(words.expired);
  });
  // Back from the window in which they logged in again.
  const back = () => {
    if (document.visibilityState !== "visible") return;
    if (hasEnded) renew().then((isBack) => isBack && document.dispatchEvent(new CustomEvent("greenlight:back"))).catch(() => {});
    else look();
  };
  document.addEventListener("visibilitychange", back);
  window.addEventListener("focus", back);
  setInterval(look, 5_000);

  window.Greenlight = { ...window.Greenlight, session: { post, hasEnded: () => hasEnded } };
  remember();
  look();
})();
