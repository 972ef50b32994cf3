/* Small behaviours that HTML cannot do alone. No framework, no eval, no inline handlers.
   Every listener is delegated, so that a fragment swapped in by htmx needs no set-up. */
(() => {
  "use strict";
  const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const root = document.documentElement;
  const make = (tag, props = {}) => Object.assign(document.createElement(tag), props);
  const on = (type, fn) => document.addEventListener(type, fn);

  /* theme: remembered in a cookie, so that the server can render it too */
  const toggleTheme = () => {
    const dark = root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  };

  /* toast, with undo when the server names an address that undoes it */
  const toast = (text, undoUrl) => {
    const box = $(".toasts"); if (!box) return;
    const t = make("div", { className: "toast" });
    t.append(make("span", { textContent: text }));
    if (undoUrl) { const b = make("button", { className: "btn small", type: "button", textContent: "Undo", onclick: () => { t.remove(); window.htmx?.ajax("POST", undoUrl, { swap: "none" }); } }); b.dataset.key = "z"; t.append(b); }
    box.replaceChildren(t);
    setTimeout(() => t.remove(), 10000);
  };

  /* palette */
  const pal = $("#palette"), input = pal && $("input", pal);
  const opts = () => $$("a[role=option]", pal).filter(a => !a.closest("li").hidden);
  let cur = 0;
  const mark = i => {
    const o = opts(); if (!o.length) { input.removeAttribute("aria-activedescendant"); return; }
    cur = (i + o.length) % o.length;
    o.forEach((a, k) => { a.setAttribute("aria-selected", k === cur); a.id = "opt" + k; });
    input.setAttribute("aria-activedescendant", "opt" + cur); o[cur].scrollIntoView({ block: "nearest" });
  };
  const settle = () => { $(".none", pal).hidden = opts().length > 0; mark(0); };
  const filter = () => {
    const q = input.value.trim().toLowerCase(), places = $("#pal-places", pal);
    $$("a", places).forEach(a => { a.closest("li").hidden = !a.textContent.toLowerCase().includes(q); });
    $(".grp", places).hidden = !$("li:not(.grp, [hidden])", places);
    if (q.length < 2) $("#pal-found", pal).replaceChildren();
    mark(0);
  };
  const openPal = () => { if (!pal || pal.open) return; pal.showModal(); input.value = ""; $(".none", pal).hidden = true; filter(); };
  pal?.addEventListener("keydown", e => {
    if (e.key === "ArrowDown") { mark(cur + 1); e.preventDefault(); } else if (e.key === "ArrowUp") { mark(cur - 1); e.preventDefault(); }
    else if (e.key === "Enter") { opts()[cur]?.click(); e.preventDefault(); }
  });
  input?.addEventListener("input", filter);

  /* dialogs: a button with data-open names one; data-close shuts it */
  on("click", e => {
    const opener = e.target.closest("[data-open]");
    if (opener) { if (opener.dataset.open === "palette") openPal(); else document.getElementById(opener.dataset.open)?.showModal(); }
    else if (e.target.closest("[data-close]")) e.target.closest("dialog")?.close();
    else if (e.target.matches("dialog")) e.target.close();
    else if (e.target.closest("[data-theme-toggle]")) toggleTheme();
    else if (e.target.closest("[data-clear]")) clear(e.target.closest(".sheet"));
    else if (e.target.closest("[data-pick]")) { const b = e.target.closest("[data-pick]"); $$(`.sel[data-can="${b.dataset.pick}"]`, b.closest(".sheet")).slice(0, b.dataset.most).forEach(c => { c.checked = true; }); count(); }
    else if (e.target.closest("[aria-disabled=true]")) e.preventDefault();
  });

  /* rows: selection count and keys */
  const rows = () => $$("[data-rows] tbody tr");
  let at = -1, g = 0;
  const move = d => {
    const r = rows(); if (!r.length) return;
    r[at]?.classList.remove("here"); at = Math.max(0, Math.min(r.length - 1, at + d));
    r[at].classList.add("here"); r[at].scrollIntoView({ block: "nearest" }); $(".name", r[at])?.focus({ preventScroll: true });
  };
  const count = () => $$(".sheet").forEach(s => {
    const c = $(".bulk .cnt", s); if (!c) return;
    const picked = $$(".sel:checked", s), mine = picked.filter(x => "mine" in x.dataset).length, k = picked.length;
    c.textContent = `${k} selected` + (mine < k ? `, ${mine} ${mine === 1 ? "is" : "are"} yours` : "");
    $$("[data-needs]", s).forEach(b => { const able = picked.filter(x => x.dataset.can === b.dataset.needs).length; b.hidden = !able; const n = $(".k", b); if (n) n.textContent = able < k ? able : ""; });
    $$("[data-lacks]", s).forEach(b => { b.hidden = picked.some(x => x.dataset.can === b.dataset.lacks); });
  });
  const clear = s => { $$(".sel:checked", s ?? document).forEach(c => { c.checked = false; }); count(); };
  on("change", e => { if (e.target.matches(".sel")) count(); });

  /* menus of several choices: the summary says what is chosen; a click elsewhere or Escape shuts them */
  on("change", e => {
    const m = e.target.closest(".menu-check[data-heading]"); if (!m) return;
    const chosen = $$("input:checked", m).map(c => c.parentElement.textContent.trim()), s = $("summary", m);
    $("span", s).textContent = m.dataset.heading + (chosen.length ? ": " + chosen.join(", ") : ""); s.toggleAttribute("data-on", chosen.length > 0);
  });
  on("click", e => $$(".menu-check[open]").forEach(m => { if (!m.contains(e.target)) m.open = false; }));
  on("keydown", e => { if (e.key === "Escape") $$(".menu-check[open]").forEach(m => { m.open = false; $("summary", m).focus(); }); });

  on("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); openPal(); return; }
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter") { e.target.form?.requestSubmit(); return; }
    if (root.dataset.keys === "off" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not(.sel, [type=radio]), textarea, select, dialog[open]")) return;
    const k = e.key.toLowerCase(), row = rows()[at];
    if (g) { const to = $(`.nav [data-go="${k}"]`); g = 0; if (to) { location.href = to.href; return; } }
    if (k === "g") { g = 1; setTimeout(() => { g = 0; }, 900); }
    else if (k === "?") $("#keys")?.showModal();
    else if (k === "/") { const q = $(".filters input[type=search]"); if (q) { q.focus(); e.preventDefault(); } else { openPal(); e.preventDefault(); } }
    else if (k === "j") move(1); else if (k === "k") move(-1);
    else if (k === "x" && row) {
      const c = $(".sel", row), last = e.shiftKey ? rows().findLastIndex((r, i) => i < at && $(".sel:checked", r)) : -1;
      if (last >= 0) rows().slice(last, at + 1).forEach(r => { const s = $(".sel", r); if (s) s.checked = true; }); else if (c) c.checked = !c.checked;
      count();
    }
    else if (k === "a") $("[data-key=a]:not([aria-disabled=true])", row ?? document)?.click();
    else if (k === "e") { const d = $("details.why-open", row ?? $("main")); if (d) d.open = !d.open; }
    else if (k === "z") $$("[data-key=z]").at(-1)?.click();
    else if (k === "escape") clear();
    else if (/^[123]$/.test(k)) { const c = $$(".choice input")[k - 1]; if (c) { c.checked = true; c.focus(); c.dispatchEvent(new Event("change", { bubbles: true })); } }
  });

  /* parts that depend on a chosen option: <div data-when="decision=accept"> */
  const whens = () => $$("[data-when]").forEach(el => {
    const [name, want] = el.dataset.when.split("=");
    const got = $(`[name="${CSS.escape(name)}"]:checked, select[name="${CSS.escape(name)}"]`)?.value;
    el.hidden = !want.split("|").includes(got ?? "");
  });
  on("change", whens); whens();
  $("main [aria-invalid=true]")?.focus();  /* a page that comes back with errors begins at the first of them */

  /* copy an id, a token or an address */
  on("click", async e => {
    const b = e.target.closest("[data-copy]"); if (!b) return;
    await navigator.clipboard.writeText(document.getElementById(b.dataset.copy)?.textContent.trim() ?? ""); toast("Copied.");
  });

  /* htmx: focus the first wrong field, say what failed, show toasts the server asks for */
  on("htmx:afterSwap", e => { if (e.detail.target.id === "pal-found") { settle(); return; } $("[aria-invalid=true]", e.detail.target)?.focus(); whens(); count(); at = rows().findIndex(r => r.matches(".here")); });
  on("htmx:responseError", e => {
    if ("live" in e.detail.elt.dataset) { live("stale"); return; }
    const doc = new DOMParser().parseFromString(e.detail.xhr.responseText, "text/html");
    toast($("[data-reason]", doc)?.textContent.trim() || "That did not work. Nothing was changed.");
  });
  on("htmx:sendError", e => { if ("live" in e.detail.elt.dataset) live("stale"); else toast("Redline could not be reached. Nothing was changed."); });
  on("toast", e => toast(e.detail.text ?? e.detail.value, e.detail.undo));

  /* live badge */
  let seen = Date.now();
  const live = state => {
    if (state === "on") seen = Date.now();
    const b = $(".live"); if (!b || b.dataset.state === state) return;
    b.dataset.state = state;
    $("span", b).textContent = state === "on" ? "Live" : `Live updates stopped. You are looking at ${new Date(seen).toISOString().slice(11, 16)} UTC.`;
  };
  on("htmx:afterRequest", e => { if ("live" in e.detail.elt.dataset && e.detail.successful && !$("[sse-connect]")) live("on"); });

  /* a list to which "More" added rows stands still: asked anew it would lose them */
  on("htmx:beforeRequest", e => { const f = e.detail.elt; if ("live" in f.dataset && $(`#${f.id}-more a:not([rel=next])`)) e.preventDefault(); });

  /* live stream: closed while hidden, reopened with growing pauses; on opening all ask once for what they missed */
  const follow = url => {
    let es = null, wait = 1000, silence, again;
    const heard = [], me = { addEventListener: (t, f) => { heard.push([t, f]); es?.addEventListener(t, f); },
      removeEventListener: (t, f) => { const k = heard.findIndex(h => h[0] === t && h[1] === f); if (k >= 0) heard.splice(k, 1); es?.removeEventListener(t, f); } };
    const stop = me.close = () => { clearTimeout(silence); clearTimeout(again); es?.close(); es = null; };
    const alive = () => { live("on"); clearTimeout(silence); silence = setTimeout(fail, 45000); };
    const fail = () => { stop(); live("stale"); again = setTimeout(open, wait * (1 + Math.random())); wait = Math.min(wait * 2, 30000); };
    const open = () => {
      if (document.hidden || es) return;
      clearTimeout(again); es = new EventSource(url, { withCredentials: true });
      es.onopen = () => { wait = 1000; alive(); me.onopen?.(new Event("open")); heard.forEach(([t, f]) => f(new MessageEvent(t))); };
      es.onerror = fail; es.addEventListener("beat", alive);
      heard.forEach(([t, f]) => es.addEventListener(t, f));
    };
    on("visibilitychange", () => { if (document.hidden) stop(); else open(); });
    addEventListener("pagehide", stop); addEventListener("pageshow", open);
    open();
    return me;
  };
  if (window.htmx) window.htmx.createEventSource = follow;

  /* hx-swap="patch": lay the answer over what is there, so that focus, text, open parts and scroll stay.
     A list under pointer or focus keeps its order until it is left. */
  const HX = n => [...n.attributes].filter(a => a.name.startsWith("hx-")).map(a => a.name + a.value).join();
  const BUSY = "[data-rows] > tbody:is(:hover, :focus-within)";
  const ids = n => [...n.children].map(r => r.id);
  const dress = (a, b) => {
    for (const { name } of [...a.attributes]) if (!b.hasAttribute(name) && !(name === "open" && a.matches("details, dialog"))) a.removeAttribute(name);
    for (const { name, value } of b.attributes) if (a.getAttribute(name) !== value) a.setAttribute(name, value);
  };
  const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "") && (a.nodeType !== 1 || HX(a) === HX(b));
  const lay = (a, b, found) => {
    if (a.isEqualNode(b)) return;
    if (a.nodeType !== 1) { a.data = b.data; return; }
    if (a.hasAttribute("data-keep")) return;
    if (a.matches("[data-chart]")) spot.delete(a);
    const here = a.matches(".here");
    dress(a, b);
    a.classList.toggle("here", here);
    if (a.matches("tr")) { a.classList.add("moved"); setTimeout(() => a.classList.remove("moved"), 2000); }
    if (a.matches(BUSY) && ids(a).join() !== ids(b).join()) {
      for (const row of b.children) { const old = [...a.children].find(r => r.id === row.id); if (old) lay(old, row, found); else found.waits++; }
      found.held = true; return;
    }
    const old = new Map([...a.children].filter(n => n.id).map(n => [n.id, n]));
    let at = a.firstChild;
    for (const next of [...b.childNodes]) {
      const twin = next.id ? old.get(next.id) : at && !at.id && same(at, next) ? at : null;
      if (twin && same(twin, next)) {
        if (twin === at) at = at.nextSibling; else a.insertBefore(twin, at);
        lay(twin, next, found);
      } else { a.insertBefore(next, at); if (next.nodeType === 1) found.fresh.push(next); }
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  };
  let kept = null;
  const patch = (target, next) => {
    const focus = document.activeElement, whole = next.cloneNode(true), found = { fresh: [], waits: 0, held: false };
    lay(target, next, found);
    if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
    kept = found.held ? { target, whole } : null;
    if (kept) $(BUSY, target)?.closest(".sheet")?.firstElementChild.append(make("button", { type: "button", className: "btn small", textContent: `${found.waits || "New order"}${found.waits ? " more" : ""}. Show`, onclick: release }));
    $$("[data-nav-count]", target).forEach(d => $$(`.n[data-of="${d.dataset.navCount}"]`).forEach(n => { n.textContent = d.value; n.hidden = d.value === "0"; }));
    return found.fresh;
  };
  const release = () => { if (!kept) return; const { target, whole } = kept; kept = null; document.activeElement?.blur(); patch(target, whole).forEach(n => window.htmx.process(n)); };
  const left = () => { if (kept && !$(BUSY, kept.target)) release(); };
  on("pointerover", left); on("focusout", () => setTimeout(left));
  window.htmx?.defineExtension("patch", {
    isInlineSwap: s => s === "patch",
    handleSwap: (s, target, fragment) => { if (s !== "patch") return false; const next = fragment.firstElementChild; return next ? patch(target, next) : []; },
  });

  /* charts: cross-hair and read-out, by pointer or arrow keys */
  const stamp = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  const spot = new WeakMap();
  const data = fig => { if (!spot.has(fig)) { const src = document.getElementById("data-" + fig.dataset.chart); if (!src) return null; spot.set(fig, { d: JSON.parse(src.textContent), idle: $(".readout", fig).textContent, i: Infinity }); } return spot.get(fig); };
  const show = (fig, k) => {
    const s = data(fig); if (!s) return;
    const { d } = s, n = d.at.length - 1; s.i = Math.max(0, Math.min(n, k)); fig.dataset.on = "";
    const t = Date.parse(d.at[s.i]), first = Date.parse(d.at[0]), span = Date.parse(d.at[n]) - first || 1;
    $$("svg[data-x0]", fig).forEach(v => { const a = +v.dataset.x0, b = +v.dataset.x1, x = a + (b - a) * (t - first) / span, c = $(".cross", v); c.setAttribute("x1", x); c.setAttribute("x2", x); });
    const parts = [[stamp.format(t) + " UTC", ""], [d.name + " ", d.text[s.i]]];
    if (d.gap) parts.push(["", d.gap[s.i]]);
    $(".readout", fig).replaceChildren(...parts.map(([a, b]) => { const p = make("span", { textContent: a }); if (b) p.append(make("b", { textContent: b })); return p; }));
  };
  const idle = fig => { const s = data(fig); if (s) { delete fig.dataset.on; $(".readout", fig).textContent = s.idle; } };
  const nearest = (d, x) => { const first = Date.parse(d.at[0]), t = first + x * (Date.parse(d.at[d.at.length - 1]) - first); let best = 0; d.at.forEach((v, i) => { if (Math.abs(Date.parse(v) - t) < Math.abs(Date.parse(d.at[best]) - t)) best = i; }); return best; };
  on("pointermove", e => {
    const fig = e.target.closest?.("[data-chart]"); if (!fig) return;
    const v = $$("svg[data-x0]", fig).find(x => x.checkVisibility()), s = data(fig); if (!v || !s) return;
    const r = v.getBoundingClientRect(), x = (e.clientX - r.left) * v.viewBox.baseVal.width / r.width;
    show(fig, nearest(s.d, (x - v.dataset.x0) / (v.dataset.x1 - v.dataset.x0)));
  });
  on("pointerout", e => { const fig = e.target.closest?.("[data-chart]"); if (fig && !fig.contains(e.relatedTarget)) idle(fig); });
  on("focusout", e => { if (e.target.matches?.("[data-chart]")) idle(e.target); });
  on("keydown", e => {
    const fig = e.target.closest?.("[data-chart]"), step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[e.key]; if (!fig || !step) return;
    const s = data(fig); if (!s) return; e.preventDefault();
    show(fig, (Number.isFinite(s.i) ? s.i : s.d.at.length - 1) + step);
  });
})();
