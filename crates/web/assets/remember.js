// A second door in a browser that is remembered, or wants to be. The page asks in data-remember, as JSON: what to sign, and the
// thumbprints of the keys that are known. Who is known answers at once; everybody else is offered a tick, and with it every
// answer at this door carries the key's word.

import { makeKey, pointOf, sign, store } from "./keys.js";

const NAME = "browser";
const find = () => store("readonly", (keys) => keys.get(NAME));

// The key of this browser, made when it is first asked for.
async function ownKey() {
  const found = await find();
  if (found) return found;
  const pair = await makeKey();
  const made = { key: pair.privateKey, point: await pointOf(pair) };
  // Another window may have been quicker.
  await store("readwrite", (keys) => keys.add(made, NAME)).catch(() => {});
  return find();
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

async function thumbprint({ point }) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(point)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function word({ key, point }, what, challenge) {
  const signature = await sign(key, `sallyport ${what} 1\n${challenge}`);
  return JSON.stringify({ challenge, point, signature });
}

async function offer(place) {
  const question = JSON.parse(place.dataset.remember);
  const answer = place.querySelector("form");
  const own = await ownKey();
  if (question.known.includes(await thumbprint(own))) {
    answer.elements.remembered.value = await word(own, "remembered", question.remembered);
    return answer.submit();
  }
  const tick = place.querySelector("[data-wish]");
  const value = await word(own, "remember", question.remember);
  const forms = [...document.querySelectorAll("form[method=post]")].filter(
    (form) => form !== answer && form.getAttribute("action")?.startsWith(answer.getAttribute("action")),
  );
  const fields = forms.map((form) => {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "remember", value });
    form.append(field);
    return field;
  });
  const follow = () => fields.forEach((field) => (field.disabled = !tick.checked));
  tick.addEventListener("change", follow);
  follow();
  place.hidden = false;
}

// Where a browser keeps no keys, there is simply the second door.
for (const place of document.querySelectorAll("[data-remember]")) offer(place).catch(() => {});
