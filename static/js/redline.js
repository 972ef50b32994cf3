/* Small behaviours that HTML cannot do alone. No framework, no eval, no inline handlers.
   Every listener is delegated, so that a fragment swapped in by htmx needs no set-up.
   What browsers get has no remarks and no indentation (governance/config/statics.py): a remark has
   lines of its own, and no string goes over a line. */
(() => {
  "use strict";
  const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const root = document.documentElement;
  const make = (tag, props = {}) => Object.assign(document.createElement(tag), props);
  const on = (type, fn) => document.addEventListener(type, fn);
  const byId = id => document.getElementById(id);
  const button = (textContent, onclick) => make("button", { type: "button", className: "btn small", textContent, onclick });

  /* theme: remembered in a cookie, so that the server can render it too */
  const toggleTheme = () => {
    const dark = root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  };

  /* toast, with undo for ten seconds when the server names an address that undoes it */
  const toast = (text, undo) => {
    const box = $(".toasts"); if (!box) return;
    const t = make("div", { className: "toast" });
    t.append(make("span", { textContent: text }));
    if (undo) { const b = button("Undo", () => { t.remove(); window.htmx?.ajax("POST", undo, { swap: "none" }); }); b.dataset.key = "z"; t.append(b); }
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
    const t = e.target, b = t.closest("[data-open], [data-close], [data-theme-toggle], [data-clear], [data-pick], [aria-disabled=true], [data-rows] .name"), d = b?.dataset;
    if (t.matches("dialog")) t.close();
    else if (!b) return;
    else if (b.matches(".name")) keepList(b);
    else if (d.open) { if (d.open === "palette") openPal(); else byId(d.open)?.showModal(); }
    else if ("close" in d) b.closest("dialog")?.close();
    else if ("themeToggle" in d) toggleTheme();
    else if ("clear" in d) clear(b.closest(".sheet"));
    else if (d.pick) { $$(`.sel[data-can="${d.pick}"]`, b.closest(".sheet")).slice(0, d.most).forEach(c => { c.checked = true; }); count(); }
    else e.preventDefault();
  });

  /* rows: selection count and keys */
  const rows = () => $$("[data-rows] tbody tr");
  let at = -1, g = 0;
  const move = d => {
    const r = rows(); if (!r.length) return;
    r[at]?.classList.remove("here"); at = Math.max(0, Math.min(r.length - 1, at + d));
    r[at].classList.add("here"); r[at].scrollIntoView({ block: "nearest" }); $(".name", r[at])?.focus({ preventScroll: true });
  };
  /* a page opened from a list: J and K go on along that list, in the order it was left */
  const keepList = a => { sessionStorage.list = JSON.stringify($$(".name[href]", a.closest("[data-rows]")).map(n => n.href)); };
  const step = d => {
    const l = JSON.parse(sessionStorage.list ?? "[]"), i = l.findIndex(h => new URL(h).pathname === location.pathname);
    if (i < 0) move(d); else if (l[i + d]) location.href = l[i + d]; else toast("The list ends here.");
  };
  const note = row => {
    if (row && !$(".sel:checked")) { const c = $(".sel", row); if (c) { c.checked = true; count(); } }
    const f = $$("[name=note], [data-key=n]", $("main")).find(n => n.checkVisibility() || n.closest("details:not([open])")); if (!f) return false;
    const d = f.closest("details"); if (d) d.open = true;
    f.focus(); return true;
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
    const k = e.key.toLowerCase(), row = rows()[at], done = () => e.preventDefault();
    if (g) { const to = $(`.nav [data-go="${k}"]`); g = 0; if (to) { location.href = to.href; return; } }
    if (k === "g") { g = 1; setTimeout(() => { g = 0; }, 900); }
    else if (k === "?") $("#keys")?.showModal();
    else if (k === "/") { const q = $(".filters input[type=search]"); done(); if (q) q.focus(); else openPal(); }
    else if (k === "j") step(1); else if (k === "k") step(-1);
    else if (k === "n") { if (note(row)) done(); }
    else if (k === "x" && row) {
      const c = $(".sel", row), last = e.shiftKey ? rows().findLastIndex((r, i) => i < at && $(".sel:checked", r)) : -1;
      if (last >= 0) rows().slice(last, at + 1).forEach(r => { const s = $(".sel", r); if (s) s.checked = true; }); else if (c) c.checked = !c.checked;
      count();
    }
    else if (k === "a") $("[data-key=a]:not([aria-disabled=true])", row ?? document)?.click();
    else if (k === "e" && e.shiftKey) $('main a[href*=".csv"]')?.click();
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
  /* a page that comes back with errors begins at the first of them */
  $("main [aria-invalid=true]")?.focus();

  /* copy an id, a token or an address; where the browser does not let us, it is selected */
  on("click", async e => {
    const b = e.target.closest("[data-copy]"), t = b && byId(b.dataset.copy); if (!t) return;
    try { await navigator.clipboard.writeText(t.textContent.trim()); toast("Copied."); } catch { getSelection().selectAllChildren(t); toast("Selected. Copy it by hand."); }
  });

  /* htmx: focus the first wrong field, say what failed, show toasts the server asks for */
  on("htmx:afterSwap", e => { if (e.detail.target.id === "pal-found") { settle(); return; } $("[aria-invalid=true]", e.detail.target)?.focus(); whens(); count(); at = rows().findIndex(r => r.matches(".here")); });
  const failed = why => e => { if ("live" in e.detail.elt.dataset) live("stale"); else toast(why(e.detail.xhr)); };
  on("htmx:responseError", failed(x => $("[data-reason]", new DOMParser().parseFromString(x.responseText, "text/html"))?.textContent.trim() || "That did not work. Nothing was changed."));
  on("htmx:sendError", failed(() => "Redline could not be reached. Nothing was changed."));
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
    const me = new EventTarget(), add = me.addEventListener.bind(me), types = new Set(), pass = e => me.dispatchEvent(new MessageEvent(e.type, { data: e.data }));
    me.addEventListener = (t, f) => { add(t, f); types.add(t); es?.addEventListener(t, pass); };
    const stop = me.close = () => { clearTimeout(silence); clearTimeout(again); es?.close(); es = null; };
    const alive = () => { live("on"); clearTimeout(silence); silence = setTimeout(fail, 45000); };
    const fail = () => { stop(); live("stale"); again = setTimeout(open, wait * (1 + Math.random())); wait = Math.min(wait * 2, 30000); };
    const open = () => {
      if (document.hidden || es) return;
      clearTimeout(again); es = new EventSource(url, { withCredentials: true });
      es.onopen = () => { wait = 1000; alive(); me.onopen?.(new Event("open")); types.forEach(t => pass({ type: t })); };
      es.onerror = fail; es.addEventListener("beat", alive);
      types.forEach(t => es.addEventListener(t, pass));
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
    spot.delete(a);
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
    if (kept) $(BUSY, target)?.closest(".sheet")?.firstElementChild.append(button(`${found.waits ? found.waits + " more" : "New order"}. Show`, release));
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
  const spot = new WeakMap(), FIGURE = "[data-chart]";
  const chart = fig => {
    const src = byId("data-" + fig.dataset.chart); if (!src || spot.has(fig)) return spot.get(fig);
    const d = JSON.parse(src.textContent), t = d.at.map(v => Date.parse(v));
    return spot.set(fig, { d, t, i: t.length - 1, idle: $(".readout", fig).textContent }).get(fig);
  };
  const show = (fig, s, k) => {
    const { d, t } = s, last = t.length - 1, i = s.i = Math.max(0, Math.min(last, k)), share = (t[i] - t[0]) / (t[last] - t[0] || 1); fig.dataset.on = "";
    $$("svg[data-x0]", fig).forEach(v => { const a = +v.dataset.x0, x = a + (v.dataset.x1 - a) * share, c = $(".cross", v); c.setAttribute("x1", x); c.setAttribute("x2", x); });
    $(".readout", fig).replaceChildren(...[[stamp.format(t[i]) + " UTC", ""], [d.name + " ", d.text[i]], ["", d.gap?.[i]]].filter(([a, b]) => a || b).map(([textContent, b]) => { const p = make("span", { textContent }); if (b) p.append(make("b", { textContent: b })); return p; }));
  };
  const idle = fig => { const s = fig && chart(fig); if (s) { delete fig.dataset.on; $(".readout", fig).textContent = s.idle; } };
  on("pointermove", e => {
    const fig = e.target.closest?.(FIGURE), v = fig && $$("svg[data-x0]", fig).find(x => x.checkVisibility()), s = v && chart(fig); if (!s) return;
    const { t } = s, r = v.getBoundingClientRect(), { x0, x1 } = v.dataset, x = (e.clientX - r.left) * v.viewBox.baseVal.width / r.width;
    const want = t[0] + (x - x0) / (x1 - x0) * (t.at(-1) - t[0]), off = i => Math.abs(t[i] - want);
    show(fig, s, t.reduce((best, _, i) => off(i) < off(best) ? i : best, 0));
  });
  on("pointerout", e => { const fig = e.target.closest?.(FIGURE); if (!fig?.contains(e.relatedTarget)) idle(fig); });
  on("focusout", e => idle(e.target.matches?.(FIGURE) && e.target));
  on("keydown", e => {
    const fig = e.target.closest?.(FIGURE), step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[e.key], s = fig && step && chart(fig); if (!s) return;
    e.preventDefault(); show(fig, s, s.i + step);
  });
})();
