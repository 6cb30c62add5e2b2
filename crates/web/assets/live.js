// What moves by itself on administrators' pages: parts that are shown anew when the server says that something in them
// moved, and word of what ended that the person had begun. Without it a page is as it was loaded.
(() => {
  const toasts = document.getElementById("toasts");
  if (!toasts || !window.EventSource || !window.htmx) return;
  const FIRST_WAIT = 1000;
  const LAST_WAIT = 120_000;
  // So long a toast goes along from page to page.
  const TOAST_LIFE = 120_000;
  const MOST_TOASTS = 4;
  let source = null;
  let wait = FIRST_WAIT;
  let timer = 0;
  let over = false;
  // Whether something may have moved while nobody listened. The page itself was loaded a moment ago.
  let missed = false;
  let fresh = true;

  // What is kept may be refused; then it is not kept.
  function recall(store, name, otherwise) {
    try {
      return JSON.parse(store().getItem(name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }
  function keep(store, name, value) {
    try {
      store().setItem(name, JSON.stringify(value));
    } catch {
      // Not kept, then.
    }
  }
  const local = () => localStorage;
  const ofTab = () => sessionStorage;

  // A hidden page listens to nothing: browsers have few connections to one server, and all tabs share them.
  function open() {
    clearTimeout(timer);
    if (source || over || document.visibilityState === "hidden") return;
    const after = recall(local, "live-after", "");
    source = new EventSource(`/admin/live?after=${encodeURIComponent(after)}`);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
    });
    source.addEventListener("news", ({ data, lastEventId }) => {
      const { moved, ended } = JSON.parse(data);
      keep(local, "live-after", lastEventId);
      if (missed) parts().forEach(refresh);
      else if (!fresh) parts().filter((part) => concerns(part, moved)).forEach(refresh);
      missed = false;
      fresh = false;
      ended.forEach(tell);
    });
    source.addEventListener("over", () => {
      over = true;
      close();
    });
    source.addEventListener("error", () => {
      close();
      missed = !fresh;
      timer = setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LAST_WAIT);
    });
  }
  function close() {
    source?.close();
    source = null;
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      clearTimeout(timer);
      if (source) missed = true;
      close();
    } else {
      open();
    }
  });
  addEventListener("pagehide", close);

  const parts = () => [...document.querySelectorAll("[data-live][id]")];

  // `data-live` names kinds; `data-live-id` the one thing that a part is about.
  function concerns(part, moved) {
    const { live, liveId } = part.dataset;
    return live.split(" ").some((kind) => {
      const ids = moved[kind];
      return ids && (!liveId || ids.length === 0 || ids.includes(liveId));
    });
  }

  const writes = (element) => element?.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit])");

  function refresh(part) {
    const focused = document.activeElement;
    if (part.contains(focused) && writes(focused)) {
      // Somebody writes there: afterwards.
      focused.addEventListener("blur", () => setTimeout(() => refreshed(part.id), 0), { once: true });
    } else {
      refreshed(part.id);
    }
  }
  function refreshed(id) {
    const part = document.getElementById(id);
    if (!part || part.classList.contains("htmx-request") || part.querySelector("dialog[open]")) return;
    htmx.ajax("GET", location.pathname + location.search, {
      source: part,
      target: part,
      select: `#${id}`,
      swap: "outerHTML",
      headers: { "Sallyport-Live": "yes" },
    });
  }

  // What somebody did in a part goes along: what is typed, ticked, opened, sorted, where it is scrolled and what has the
  // focus.
  const name = (element) =>
    [element.tagName, element.id, element.name, element.form?.getAttribute("action"), element.getAttribute("href"), /checkbox|radio/.test(element.type) ? element.value : ""].join(" ");
  const summary = (details) => details.id || details.querySelector("summary")?.textContent.trim();
  function taken(part) {
    // Whoever ticked all rows meant those that were there.
    const fields = [...part.querySelectorAll("input:not([data-tick-all]), select, textarea")];
    const changed = fields.filter((field) =>
      field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : writes(field) && field.type !== "hidden",
    );
    const sorted = part.querySelector("th[aria-sort]");
    return {
      fields: changed.map((field) => [name(field), field.checked, field.value]),
      open: [...part.querySelectorAll("details[open]")].map(summary),
      focus: part.contains(document.activeElement) ? name(document.activeElement) : null,
      scroll: [...part.querySelectorAll(".table-responsive")].map((box) => box.scrollLeft),
      sort: sorted && [sorted.cellIndex, sorted.getAttribute("aria-sort")],
    };
  }
  function give(part, was) {
    const fields = [...part.querySelectorAll("input, select, textarea")];
    for (const [key, checked, value] of was.fields) {
      const field = fields.find((field) => name(field) === key);
      if (!field) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
      else field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const details of part.querySelectorAll("details")) if (was.open.includes(summary(details))) details.open = true;
    for (const [n, box] of part.querySelectorAll(".table-responsive").entries()) box.scrollLeft = was.scroll[n] ?? 0;
    if (was.sort) {
      const head = part.querySelectorAll("thead th")[was.sort[0]];
      for (let turn = 0; turn < 2 && head && head.getAttribute("aria-sort") !== was.sort[1]; turn++) head.querySelector(".sp-sort")?.click();
    }
    if (was.focus) {
      [...part.querySelectorAll("a, button, input, select, textarea, summary")]
        .find((element) => name(element) === was.focus)
        ?.focus({ preventScroll: true });
    }
  }
  let carried = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const part = detail.target;
    if (!part.matches("[data-live][id]")) return;
    // Whoever was signed out meanwhile is answered with another page.
    const { pathname } = new URL(detail.xhr.responseURL || location.href, location.href);
    if (pathname !== location.pathname || !detail.xhr.responseText.includes(`id="${part.id}"`)) {
      detail.shouldSwap = false;
      return;
    }
    carried = { id: part.id, was: taken(part) };
  });
  document.addEventListener("htmx:load", () => {
    const part = carried && document.getElementById(carried.id);
    if (part) give(part, carried.was);
    carried = null;
  });

  function tell(toast) {
    const told = recall(local, "live-told", []);
    if (told.includes(toast.key)) return;
    keep(local, "live-told", [...told.slice(-49), toast.key]);
    keep(ofTab, "live-toasts", [...recall(ofTab, "live-toasts", []).slice(1 - MOST_TOASTS), { ...toast, at: Date.now() }]);
    show(toast);
  }
  function show({ key, text, href, good }) {
    const toast = document.createElement("div");
    toast.className = `sp-toast ${good ? "sp-toast-good" : "sp-toast-bad"}`;
    const link = document.createElement("a");
    link.href = href;
    link.textContent = text;
    const shut = document.createElement("button");
    shut.type = "button";
    shut.className = "btn-close";
    shut.setAttribute("aria-label", `Close: ${text}`);
    const forget = () => keep(ofTab, "live-toasts", recall(ofTab, "live-toasts", []).filter((other) => other.key !== key));
    link.addEventListener("click", forget);
    shut.addEventListener("click", () => {
      forget();
      toast.remove();
    });
    toast.append(link, shut);
    toasts.append(toast);
    while (toasts.children.length > MOST_TOASTS) toasts.firstElementChild.remove();
  }
  const young = recall(ofTab, "live-toasts", []).filter(({ at }) => Date.now() - at < TOAST_LIFE);
  keep(ofTab, "live-toasts", young);
  young.forEach(show);
  open();
})();
