// Copies the interface kit from node_modules to where the server embeds it, each file once more compressed.
//
// Beside the kit's own sheet stands one with its dark colours under `prefers-color-scheme`, so that the dark mode does
// not need the script that sets `data-bs-theme`.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

rmSync(fileURLToPath(vendor), { recursive: true, force: true });
mkdirSync(fileURLToPath(vendor), { recursive: true });

const tabler = read("@tabler/core/dist/css/tabler.min.css");
write("tabler.css", tabler);
write("tabler-dark.css", `@media (prefers-color-scheme:dark){:root:not([data-bs-theme]){${darkDeclarations(tabler)}}}\n`);
write("htmx.js", read("htmx.org/dist/htmx.min.js"));
