// An application that signs people in with passport-wsfed-saml2: a JSON line in for each thing it is to do, one out with what came
// of it. That library asks for a copy of xml-crypto that is in no registry; `package.json` gives it the one that others use.

import { createInterface } from "node:readline";

import library from "passport-wsfed-saml2";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const config = JSON.parse((await lines.next()).value);
const strategy = new library.Strategy(
  {
    realm: config.realm,
    wreply: config.reply,
    recipientUrl: config.reply,
    identityProviderUrl: config.url,
    cert: config.certificate,
    homeRealm: "",
    checkCertExpiration: true,
    // What comes back with an answer is what went out, once.
    state: true,
  },
  (profile, done) => done(null, profile),
);
const session = {};

// As passport goes about it: each request has a strategy of its own, on which is put what becomes of it.
const attempt = (request, options) =>
  new Promise((resolve, reject) => {
    const refused = (why) => reject(new Error(why?.message ?? String(why)));
    const outcomes = { redirect: (url) => resolve({ url }), success: resolve, fail: refused, error: refused };
    Object.assign(Object.create(strategy), outcomes).authenticate({ ...request, session }, options);
  });

const service = {
  request: ({ parameters }) => attempt({ method: "GET" }, parameters ?? {}),
  consume: ({ wresult, wctx }) => attempt({ method: "POST", body: { wa: "wsignin1.0", wresult, wctx } }, {}),
};

for await (const line of lines) {
  const { do: name, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: await service[name](given) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
