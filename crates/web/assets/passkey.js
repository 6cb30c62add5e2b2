// Passkeys: asks the browser what a form says, and sends what it answers. A form names the question in data-question, as
// JSON; its button is [data-ask], and what went wrong is said in [data-problem],
// in the words that the form carries.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const known = (list) => list.map((one) => ({ ...one, id: bytes(one.id) }));

function answerOf(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    if (response.userHandle) said.userHandle = text(response.userHandle);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said };
}

// Asks the browser; what it answers, in the JSON form of the standard.
async function ask(question) {
  const publicKey = { ...question, challenge: bytes(question.challenge) };
  if (question.user) {
    publicKey.user = { ...question.user, id: bytes(question.user.id) };
    publicKey.excludeCredentials = known(question.excludeCredentials);
    return answerOf(await navigator.credentials.create({ publicKey }));
  }
  publicKey.allowCredentials = known(question.allowCredentials);
  return answerOf(await navigator.credentials.get({ publicKey }));
}

function problemOf(error, words) {
  if (error.name === "InvalidStateError") return words.known;
  if (error.name === "SecurityError") return words.badAddress;
  return words.notUsed;
}

for (const form of document.querySelectorAll("form[data-question]")) {
  const button = form.querySelector("[data-ask]");
  const problem = form.querySelector("[data-problem]");
  if (!window.PublicKeyCredential) {
    form.hidden = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      form.elements.passkey.value = JSON.stringify(await ask(JSON.parse(form.dataset.question)));
      form.submit();
    } catch (error) {
      problem.textContent = problemOf(error, form.dataset);
      problem.hidden = false;
      button.disabled = false;
      // A button that was switched off has lost the focus.
      button.focus();
    }
  });
}
