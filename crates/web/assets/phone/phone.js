// The phone page. Its key is a passkey of the phone, or one of this browser that cannot be exported (kept in IndexedDB).
// The protocol is described in docs/phone-page.md.

import { encode, makeKey, pointOf, sign, store, utf8 } from "../keys.js";

const $ = (id) => document.getElementById(id);
const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const word = (name) => $("words").content.querySelector(`[data-word="${name}"]`).textContent;

let known = { phone: null, application_server_key: "" };

// --- What is said to the server.

class Refusal extends Error {}

async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/phone/${path}`, { cache: "no-store", ...options });
  const text = await answer.text();
  const said = text ? JSON.parse(text) : null;
  if (!answer.ok) {
    // What is wrong with a field is told beside its name, which people do not know.
    const detail = said?.detail ?? word("refused");
    const refusal = new Refusal(said?.field ? detail.replace(`${said.field}: `, "") : detail);
    refusal.status = answer.status;
    throw refusal;
  }
  return said;
}

function tell(problem, said) {
  $("problem").textContent = problem ?? "";
  $("problem").hidden = !problem;
  $("said").textContent = said ?? "";
  $("said").hidden = !said;
}

const wordsOf = (error) => {
  if (error instanceof Refusal) return `${error.message[0].toUpperCase()}${error.message.slice(1)}`;
  if (error.name === "NotAllowedError") return word("unconfirmed");
  return word("unreached");
};

// --- The key.

async function makeBrowserKey(text) {
  const pair = await makeKey();
  await store("readwrite", (keys) => keys.put(pair.privateKey, "phone"));
  const point = await pointOf(pair);
  return { kind: "browser_key", point, signature: await sign(pair.privateKey, text) };
}

async function makePasskey(question) {
  const publicKey = { ...question, challenge: decode(question.challenge), user: { ...question.user, id: decode(question.user.id) } };
  publicKey.excludeCredentials = [];
  const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
  const said = { clientDataJSON: encode(response.clientDataJSON), attestationObject: encode(response.attestationObject) };
  return { kind: "passkey", answer: JSON.stringify({ id, rawId: encode(rawId), type, response: said }) };
}

// The phone's word for a text: with a passkey its hash is the challenge.
async function wordFor(text) {
  if (known.phone.signs_with !== "passkey") {
    const key = await store("readonly", (keys) => keys.get("phone"));
    if (!key) throw new Refusal(word("key-lost"));
    return { kind: "browser_key", signature: await sign(key, text) };
  }
  const challenge = await crypto.subtle.digest("SHA-256", utf8(text));
  const allowCredentials = [{ type: "public-key", id: decode(known.phone.credential) }];
  const publicKey = { challenge, allowCredentials, userVerification: "required", rpId: location.hostname };
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
  const said = {
    clientDataJSON: encode(response.clientDataJSON),
    authenticatorData: encode(response.authenticatorData),
    signature: encode(response.signature),
  };
  return { kind: "passkey", answer: JSON.stringify({ id, rawId: encode(rawId), type, response: said }) };
}

// --- Activation.

async function activate(withPasskey) {
  tell();
  const code = $("code").value;
  try {
    const question = await call("question", { code });
    const usable = withPasskey && question.passkey && (await window.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable());
    let key;
    if (usable) {
      // Whoever cannot or will not verify themselves here is offered the other key.
      $("without-passkey").hidden = false;
      key = await makePasskey(question.passkey);
    } else {
      key = await makeBrowserKey(question.text);
    }
    known.phone = await call("activate", { code, name: $("name").value, key });
    localStorage.removeItem(WOKEN);
    history.replaceState(null, "", "/phone");
    tell(null, word("yours"));
    begin();
  } catch (error) {
    tell(wordsOf(error));
  }
}

// --- Requests.

const shown = new Map();
// Whether something has ended since it was looked at last.
let ended = true;

const timeOf = (request) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium", dateStyle: "medium" }).format(new Date(request.at * 1000));

// What is signed: all that was shown, and the number. The server puts the same together from what it keeps.
const approval = (request, number) =>
  ["sallyport approve 2", request.id, request.what, request.place, request.device, request.at, number].join("\n");

// Says it to the server, and to the person what came of it: `words`, where it was taken. What is over goes from the page.
async function say(part, said, words, over) {
  tell();
  const hold = (held) => {
    for (const button of part.querySelectorAll("button")) button.disabled = held;
  };
  hold(true);
  try {
    await call("answer", await said());
    over();
    tell(null, words);
  } catch (error) {
    if (error.status === 409) over();
    tell(wordsOf(error));
  }
  hold(false);
}

function show(request) {
  tell();
  // What the list says of this one's door would be old by the time it is looked at.
  $("ended").open = false;
  // Somebody signs in, or a help desk asks whom it speaks with.
  const verifies = request.kind === "verification";
  const article = $(verifies ? "verification" : "request").content.firstElementChild.cloneNode(true);
  article.querySelector("[data-what]").textContent = request.what;
  if (!verifies) {
    article.querySelector("[data-place]").textContent = request.place || word("nowhere");
    for (const part of article.querySelectorAll("[data-on]")) part.hidden = !request.device;
    article.querySelector("dd[data-on]").textContent = request.device;
  }
  article.querySelector("[data-at]").textContent = timeOf(request);
  const field = article.querySelector("[data-number]");
  const input = field.querySelector("input");
  if (request.digits > 0) {
    field.hidden = false;
    input.required = true;
    input.id = `number-${request.id}`;
    field.querySelector("label").htmlFor = input.id;
  }
  const answer = (said, words) => say(article, said, words, () => drop(request.id));
  article.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const number = request.digits > 0 ? input.value.trim() : "";
    answer(async () => ({ said: "yes", id: request.id, number, key: await wordFor(approval(request, number)) }), word(verifies ? "confirmed" : "yes"));
  });
  article.querySelector("[data-no]").addEventListener("click", () => answer(() => ({ said: "no", id: request.id }), word("no")));
  article.querySelector("[data-not-me]").addEventListener("click", () =>
    answer(() => ({ said: "not_me", id: request.id }), word(verifies ? "not-speaking" : "not-me")),
  );
  $("requests").append(article);
  shown.set(request.id, article);
  if (request.digits > 0) input.focus();
}

function drop(id) {
  shown.get(id)?.remove();
  ended = shown.delete(id) || ended;
  $("idle").hidden = shown.size > 0;
}

function showAll(requests) {
  for (const request of requests) if (!shown.has(request.id)) show(request);
  for (const id of [...shown.keys()]) if (!requests.some((request) => request.id === id)) drop(id);
  $("idle").hidden = shown.size > 0;
}

// What was asked lately and is over: that it was somebody else can be said for an hour.
function showEnded(requests) {
  $("ended").querySelector("ul").replaceChildren(...requests.map(lineOf));
  hideEndedIfNone();
}

function lineOf(request) {
  const line = $("past").content.firstElementChild.cloneNode(true);
  const verifies = request.kind === "verification";
  line.querySelector("[data-what]").textContent = request.what;
  const from = verifies ? [] : [request.place || word("nowhere")];
  line.querySelector("[data-told]").textContent = [...from, timeOf(request)].join(", ");
  const words = word(verifies ? "not-speaking" : request.opened ? "not-me-after-yes" : "not-me");
  const over = () => {
    line.remove();
    hideEndedIfNone();
    // A list that was asked for before this was said would bring the line back.
    lookBack().catch(() => {});
  };
  line.querySelector("[data-not-me]").addEventListener("click", () => say(line, () => ({ said: "not_me", id: request.id }), words, over));
  return line;
}

function hideEndedIfNone() {
  $("ended").hidden = !$("ended").querySelector("li");
  if ($("ended").hidden) $("ended").open = false;
}

let looks = 0;

// Asks what is over. Only the newest answer is shown, and what failed is asked again.
async function lookBack() {
  ended = false;
  const look = ++looks;
  try {
    const requests = await call("ended");
    if (look === looks) showEnded(requests);
  } catch (error) {
    ended = true;
    throw error;
  }
}

// Whether a door was opened is only known some seconds after it was answered, so whoever opens the list sees it as it is then.
function openEnded() {
  if (!$("ended").open) return;
  $("ended").querySelector("ul").replaceChildren();
  lookBack().catch((error) => tell(wordsOf(error)));
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// While the page is open it waits by itself. With requests on the screen it looks every few seconds, for they end.
async function listen() {
  for (;;) {
    try {
      if (ended) await lookBack();
      showAll(await call(shown.size > 0 ? "requests" : "requests?wait=1"));
      if (shown.size > 0) await pause(3000);
    } catch (error) {
      if (error.status === 401) return location.reload();
      await pause(3000);
    }
  }
}

// --- Being woken while the page is closed.

async function subscribe() {
  tell();
  try {
    if ((await Notification.requestPermission()) !== "granted") throw new Refusal(word("no-notifications"));
    await subscribeAnew(word("not-woken"));
  } catch (error) {
    tell(wordsOf(error));
  }
}

// That it was asked to be woken, by its owner. The server forgets where a phone is reached when the vendor says that it is not there.
const WOKEN = "sallyport-woken";

// Where its vendor reaches this browser from now on.
async function reachedAt() {
  const worker = await navigator.serviceWorker.ready;
  // What the server does not know any more is not used again.
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  const key = decode(known.application_server_key);
  return (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
}

// `refused`: what is said where the browser or its vendor does not do it, which is another thing than our server's not hearing of it.
async function subscribeAnew(refused) {
  const { endpoint, keys } = await reachedAt().catch(() => {
    throw new Refusal(refused);
  });
  await call("subscription", { endpoint, keys });
  localStorage.setItem(WOKEN, "yes");
  known.phone.subscribed = true;
  begin.woken();
}

// Says that nobody could wake this phone any more, and sees to it that they can, or leaves the button to its owner.
async function wakeAgain() {
  if (known.phone.subscribed) {
    // Pages of former versions kept no such word.
    localStorage.setItem(WOKEN, "yes");
    return;
  }
  if (localStorage.getItem(WOKEN) !== "yes") return;
  try {
    if (window.Notification?.permission !== "granted") throw new Refusal(word("woken-no-more"));
    await subscribeAnew(word("woken-no-more"));
    tell(null, word("woken-again"));
  } catch (error) {
    tell(wordsOf(error));
  }
}

async function forget() {
  try {
    await call("forget", {});
    localStorage.removeItem(WOKEN);
    await store("readwrite", (keys) => keys.delete("phone"));
    location.reload();
  } catch (error) {
    tell(wordsOf(error));
  }
}

function begin() {
  $("activation").hidden = true;
  $("ready").hidden = false;
  $("who").textContent = known.phone.user;
  $("phone-name").textContent = known.phone.name;
  begin.woken();
  wakeAgain();
  listen();
}
begin.woken = () => {
  const can = "PushManager" in window && "Notification" in window;
  $("subscribe").hidden = !can || known.phone.subscribed;
  $("subscribed").hidden = !known.phone.subscribed;
};

async function start() {
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/phone/worker.js", { scope: "/phone" }).catch(() => {});
    navigator.serviceWorker.addEventListener("message", async () => showAll(await call("requests").catch(() => [])));
  }
  $("activate").addEventListener("submit", (event) => {
    event.preventDefault();
    activate(true);
  });
  $("without-passkey").addEventListener("click", () => activate(false));
  $("subscribe").addEventListener("click", subscribe);
  $("forget").addEventListener("click", forget);
  $("ended").addEventListener("toggle", openEnded);
  try {
    known = await call("about");
  } catch (error) {
    tell(wordsOf(error));
  }
  if (known.phone) return begin();
  $("activation").hidden = false;
  $("install").hidden = !/iPhone|iPad/.test(navigator.userAgent) || navigator.standalone === true;
  if (/^#\d+$/.test(location.hash)) $("code").value = location.hash.slice(1);
  // The code is not lost with the language.
  for (const link of document.querySelectorAll(".sp-languages a")) link.hash = location.hash;
}

start();
