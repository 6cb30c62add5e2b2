// An application that signs people in with passport-wsfed-saml2. That library asks for a copy of xml-crypto that is in no registry;
// `package.json` gives it the one that others use.

import library from "passport-wsfed-saml2";

import { config, serve } from "./lines.mjs";

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
const attempt = (request) =>
  new Promise((resolve, reject) => {
    const refused = (why) => reject(new Error(why?.message ?? String(why)));
    const outcomes = { redirect: (url) => resolve({ url }), success: resolve, fail: refused, error: refused };
    Object.assign(Object.create(strategy), outcomes).authenticate({ ...request, session }, {});
  });

const service = {
  request: () => attempt({ method: "GET" }),
  consume: ({ wresult, wctx }) => attempt({ method: "POST", body: { wa: "wsignin1.0", wresult, wctx } }),
};

await serve(service);
