// Keys of this browser that cannot be taken out of it: made by WebCrypto, kept in IndexedDB.

export const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const utf8 = (text) => new TextEncoder().encode(text);

export function store(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("sallyport", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction("keys", mode).objectStore("keys"));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    };
  });
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256" };

export const makeKey = () => crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"]);
export const pointOf = async (pair) => encode(await crypto.subtle.exportKey("raw", pair.publicKey));
export const sign = async (key, text) =>
  encode(await crypto.subtle.sign({ ...ECDSA, hash: "SHA-256" }, key, utf8(text)));
