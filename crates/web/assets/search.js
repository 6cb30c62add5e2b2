// The field of the search: reached by a key from anywhere, with a list under it of what fits so far. The field keeps the
// focus; the arrow keys move through the list, Enter opens, Escape closes. Without this it is a form.
(() => {
  const form = document.querySelector("form[data-search]");
  if (!form) return;
  const field = form.querySelector("input");
  const box = form.querySelector(".sp-found");
  const list = document.getElementById("search-found");
  const slash = document.querySelector("[data-search-slash]");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const byLetter = () => {
    try {
      return localStorage.getItem("search-slash") !== "off";
    } catch {
      return true;
    }
  };

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  function say() {
    field.setAttribute("aria-keyshortcuts", byLetter() ? "/ Control+K" : "Control+K");
    form.querySelector("kbd").textContent = byLetter() ? "/" : "Ctrl K";
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", option.id);
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }

  function open(yes) {
    box.hidden = !yes;
    field.setAttribute("aria-expanded", String(yes && options().length > 0));
    if (!yes) choose(null);
  }

  function move(by) {
    const all = options();
    if (all.length === 0) return;
    open(true);
    const at = all.indexOf(chosen());
    choose(all[(at < 0 && by < 0 ? all.length - 1 : at + by + all.length) % all.length]);
  }

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const option = box.hidden ? null : chosen();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && option) {
      event.preventDefault();
      option.click();
    } else if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      open(false);
    }
  });

  // What comes in late does not open the list over another place of the page.
  list.addEventListener("htmx:afterSwap", () => {
    choose(null);
    open(document.activeElement === field && field.value.trim() !== "");
  });
  field.addEventListener("focus", () => open(options().length > 0 && field.value.trim() !== ""));
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!form.contains(relatedTarget)) open(false);
  });
  // A press in the list leaves the focus in the field.
  box.addEventListener("mousedown", (event) => event.preventDefault());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const letter = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && byLetter();
    const chord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!letter && !chord) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  // A key of one letter can be switched off: whoever speaks to the machine types letters without meaning them.
  if (slash) {
    slash.checked = byLetter();
    slash.addEventListener("change", () => {
      try {
        localStorage.setItem("search-slash", slash.checked ? "on" : "off");
      } catch {
        // Not remembered, then.
      }
      say();
    });
  }
  say();
})();
