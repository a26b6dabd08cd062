/* What explains a figure, beside the page that shows it: links with data-drawer open in a dialog where there is room,
   and are ordinary links elsewhere. The address carries which one is open; closing gives the focus back. */
"use strict";
(() => {
  const drawer = document.getElementById("drawer");
  if (!drawer) return;
  const body = drawer.querySelector(".drawer__body");
  const waiting = body.innerHTML;
  const isWide = matchMedia("(min-width: 720px)");
  const MARK = "#drawer=";

  async function show(href) {
    body.innerHTML = waiting;
    if (!drawer.open) drawer.showModal();
    let text = "";
    try {
      const answer = await fetch(href, { headers: { "HX-Request": "true" } });
      if (answer.ok && !answer.redirected) text = await answer.text();
    } catch {
      /* no network: the page itself says so */
    }
    if (!text) return location.assign(href); // a login, a refusal or a fault reads better as a page
    body.innerHTML = text;
    window.htmx?.process(body);
    drawer.scrollTop = 0;
    history.replaceState(null, "", MARK + href);
  }

  drawer.addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
  drawer.addEventListener("click", (event) => {
    const isOutside = event.target === drawer && event.clientX && event.clientX < drawer.getBoundingClientRect().left;
    // A link with a place in a page may lead to this very page.
    if (isOutside || event.target.closest("[data-closes=drawer], a[href*='#']:not([data-drawer])")) drawer.close();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button || !isWide.matches) return;
    event.preventDefault();
    show(link.getAttribute("href"));
  });

  const asked = location.hash.startsWith(MARK) ? location.hash.slice(MARK.length) : "";
  if (/^\/app\/[\w/?=&.-]+$/.test(asked)) isWide.matches ? show(asked) : location.replace(asked);
})();
