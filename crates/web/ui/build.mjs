// Copies the interface kit from node_modules to where the server embeds it, each file once more compressed.
//
// Beside the kit's own sheet stands one with its dark colours under `prefers-color-scheme`, so that the dark mode does
// not need the script that sets `data-bs-theme`.
//
// Icons of applications come from simple-icons: of those that the catalogue names the one path each, and nothing else of
// their files, as symbols of one sheet.

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = new URL("./", import.meta.url);
const vendor = new URL("../assets/vendor/", here);

function read(path) {
  return readFileSync(new URL(`node_modules/${path}`, here), "utf8").replace(/\n?\/[/*][#@] sourceMappingURL=.*$/gm, "");
}

function write(name, text) {
  const bytes = Buffer.from(text, "utf8");
  writeFileSync(new URL(name, vendor), bytes);
  writeFileSync(new URL(`${name}.gz`, vendor), gzipSync(bytes, { level: 9 }));
}

// The declarations of every rule that is for dark mode as a whole.
function darkDeclarations(css) {
  const rule = /(?:^|[}{])([^{}]*\[data-bs-theme=dark\][^{}]*)\{([^{}]*)\}/g;
  const found = [];
  for (const [, selector, declarations] of css.matchAll(rule)) {
    const whole = selector.split(",").some((part) => part.trim() === "[data-bs-theme=dark]");
    // What is marked important is for print.
    if (whole && !declarations.includes("!important")) found.push(declarations);
  }
  if (found.length === 0) throw new Error("the kit's sheet has no dark colours where they were");
  return found.join(";");
}

// The icons that the catalogue names.
function icons() {
  const catalogue = new URL("../../app/catalogue/", here);
  const names = new Set();
  for (const file of readdirSync(fileURLToPath(catalogue)).filter((name) => name.endsWith(".toml"))) {
    const [, name] = /^logo = "simple-icons:([a-z0-9]+)"$/m.exec(readFileSync(new URL(file, catalogue), "utf8")) ?? [];
    if (name) names.add(name);
  }
  return [...names].sort();
}

// The outline of an icon: drawing commands and numbers.
function outline(name) {
  const found = [...read(`simple-icons/icons/${name}.svg`).matchAll(/ d="([^"]*)"/g)];
  if (found.length !== 1 || !/^[MmLlHhVvCcSsQqTtAaZz0-9eE,. +-]+$/.test(found[0][1])) {
    throw new Error(`the icon ${name} is not one path`);
  }
  return found[0][1];
}

rmSync(fileURLToPath(vendor), { recursive: true, force: true });
mkdirSync(fileURLToPath(vendor), { recursive: true });

const tabler = read("@tabler/core/dist/css/tabler.min.css");
write("tabler.css", tabler);
write("tabler-dark.css", `@media (prefers-color-scheme:dark){:root:not([data-bs-theme]){${darkDeclarations(tabler)}}}\n`);
write("htmx.js", read("htmx.org/dist/htmx.min.js"));

const symbols = icons().map((name) => `<symbol id="${name}" viewBox="0 0 24 24"><path d="${outline(name)}"/></symbol>`);
write("applications.svg", `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
