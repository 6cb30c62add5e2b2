// An application with node-saml.

import { inflateRawSync } from "node:zlib";

import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";

import { config, serve } from "./lines.mjs";

const saml = new SAML({
  issuer: config.entity_id,
  callbackUrl: config.acs,
  logoutCallbackUrl: config.slo,
  entryPoint: config.sso,
  logoutUrl: config.idp_slo,
  idpCert: config.idp_certificate,
  idpIssuer: config.idp,
  privateKey: config.key,
  publicCert: config.certificate,
  decryptionPvk: config.encrypted ? config.key : undefined,
  signatureAlgorithm: "sha256",
  digestAlgorithm: "sha256",
  identifierFormat: config.format,
  disableRequestedAuthnContext: true,
  wantAssertionsSigned: true,
  wantAuthnResponseSigned: config.response_signed,
  // Else it deflates what it sends in a form, which is for addresses alone.
  skipRequestCompression: config.in_form ?? false,
  authnRequestBinding: config.in_form ? "HTTP-POST" : undefined,
  validateInResponseTo: ValidateInResponseTo.always,
});

const idOf = (url) => {
  const message = inflateRawSync(Buffer.from(new URL(url).searchParams.get("SAMLRequest"), "base64")).toString();
  return { id: /\bID="([^"]+)"/.exec(message)[1], url };
};
const parsed = (query) => Object.fromEntries(new URLSearchParams(query));

let profile;
const service = {
  metadata: () => saml.generateServiceProviderMetadata(config.certificate, config.certificate),
  request: async ({ relay_state }) => idOf(await saml.getAuthorizeUrlAsync(relay_state, undefined, {})),
  form: async ({ relay_state }) => saml.getAuthorizeFormAsync(relay_state),
  consume: async ({ response }) => {
    ({ profile } = await saml.validatePostResponseAsync({ SAMLResponse: response }));
    const { nameID, nameIDFormat, attributes, sessionIndex } = profile;
    return { name_id: nameID, format: nameIDFormat, attributes, session_index: sessionIndex };
  },
  logout: async () => idOf(await saml.getLogoutUrlAsync(profile, "", {})),
  logged_out: async ({ query }) => {
    const { loggedOut } = await saml.validateRedirectAsync(parsed(query), query);
    if (!loggedOut) throw new Error("still here");
    return {};
  },
  log_out: async ({ query, form }) => {
    const { profile: asked } = form
      ? await saml.validatePostRequestAsync({ SAMLRequest: form })
      : await saml.validateRedirectAsync(parsed(query), query);
    const url = await new Promise((resolve, reject) =>
      saml.getLogoutResponseUrl(asked, "", {}, true, (error, url) => (error ? reject(error) : resolve(url))),
    );
    return { url };
  },
};

await serve(service);
