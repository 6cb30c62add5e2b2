// Comforts. Every page works without them.

// The button that turns light into dark and back.
for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Not remembered, then.
    }
    root.setAttribute("data-bs-theme", next);
  });
}

// Buttons that copy the text of the element they name.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "Copied";
  });
}

// A tick above the others ticks all rows of a page; how many are ticked stands below.
function tickAll(all) {
  const ticks = [...all.closest("table").querySelectorAll("tbody input[type=checkbox]")];
  const count = () => {
    const ticked = ticks.filter((tick) => tick.checked).length;
    all.checked = ticked > 0 && ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
    for (const said of document.querySelectorAll("[data-ticked]")) said.textContent = ticked ? ` (${ticked})` : "";
  };
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    count();
  });
  for (const tick of ticks) tick.addEventListener("change", count);
  count();
}

// A menu closes when somebody looks elsewhere.
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.sp-menu-of[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

// Tables that show all there is sort by a column.
function sortable(table) {
  for (const [column, head] of [...table.querySelectorAll("thead th")].entries()) {
    if (!head.textContent.trim()) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sp-sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const body = table.tBodies[0];
      const key = (row) => {
        const cell = row.cells[column];
        return cell?.querySelector("time")?.dateTime ?? cell?.textContent.trim() ?? "";
      };
      const rows = [...body.rows].sort((a, b) => key(a).localeCompare(key(b), undefined, { numeric: true }));
      body.append(...(ascending ? rows : rows.reverse()));
    });
  }
}
function sortables(root) {
  for (const table of root.querySelectorAll("table[data-sortable]")) if (!table.querySelector(".sp-sort")) sortable(table);
}
sortables(document);
document.addEventListener("htmx:load", (event) => sortables(event.target));
const tickAlls = (root) => root.querySelectorAll("[data-tick-all]").forEach(tickAll);
tickAlls(document);
document.addEventListener("htmx:load", (event) => tickAlls(event.target));

// A file chosen beside a text area is put into it.
for (const input of document.querySelectorAll("input[type=file][data-fills]")) {
  input.addEventListener("change", async () => {
    const area = document.getElementById(input.dataset.fills);
    const [file] = input.files;
    if (area && file) area.value = await file.text();
  });
}

// A picture chosen beside a text area is put into it, as an address that carries it.
for (const input of document.querySelectorAll("input[type=file][data-fills-picture]")) {
  input.addEventListener("change", () => {
    const area = document.getElementById(input.dataset.fillsPicture);
    const [file] = input.files;
    if (!area || !file) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      area.value = reader.result;
    });
    reader.readAsDataURL(file);
  });
}

// A colour that is picked beside a field is put into it, and the other way round.
for (const picker of document.querySelectorAll("input[type=color][data-fills-colour]")) {
  const field = document.getElementById(picker.dataset.fillsColour);
  if (!field) continue;
  picker.addEventListener("input", () => {
    field.value = picker.value;
  });
  field.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
  });
}

// Whoever changes a section of a policy says it there.
for (const said of document.querySelectorAll("input[type=checkbox][name=said]")) {
  said.closest("section")?.addEventListener("input", ({ target }) => {
    if (target !== said && target.form === said.form) said.checked = true;
  });
}

// Times are shown where the reader is.
const local = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.title = `${time.dateTime} (UTC)`;
      time.textContent = local.format(at);
    }
  }
}
localTimes(document);
document.addEventListener("htmx:load", (event) => localTimes(event.target));
