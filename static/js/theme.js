/* Runs before first paint. The server renders data-theme; the cookie, written by the
   theme button, and ?theme= (for embeds) override it without a flash. */
(() => {
  "use strict";
  const asked = new URLSearchParams(location.search).get("theme");
  const kept = /(?:^|; )theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
  const theme = asked ?? kept;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
