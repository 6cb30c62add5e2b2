// Does what an application with openid-client does: finds out about the provider, begins a sign-in, and goes on where the browser
// comes back. Prints one JSON line a call.

import { json } from "node:stream/consumers";

import * as client from "openid-client";

const config = await json(process.stdin);

async function authentication() {
  switch (config.authentication) {
    case "client_secret_basic":
      return client.ClientSecretBasic(config.client_secret);
    case "client_secret_post":
      return client.ClientSecretPost(config.client_secret);
    case "private_key_jwt":
      return client.PrivateKeyJwt({
        key: await crypto.subtle.importKey("jwk", config.key, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]),
        kid: config.key.kid,
      });
    default:
      return client.None();
  }
}

const relying = await client.discovery(
  new URL(config.issuer),
  config.client_id,
  config.metadata,
  await authentication(),
);

let dpop;
if (config.dpop) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  dpop = { DPoP: client.getDPoPHandle(relying, pair) };
}

const verbs = {
  async metadata() {
    return relying.serverMetadata();
  },
  async begin({ parameters, pushed }) {
    const verifier = client.randomPKCECodeVerifier();
    const checks = { verifier, state: client.randomState(), nonce: client.randomNonce() };
    const asked = {
      redirect_uri: config.redirect_uri,
      scope: "openid",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: checks.state,
      nonce: checks.nonce,
      ...parameters,
    };
    const url = pushed
      ? await client.buildAuthorizationUrlWithPAR(relying, asked, dpop)
      : client.buildAuthorizationUrl(relying, asked);
    return { url: url.href, checks };
  },
  async redeem({ callback, checks, max_age }) {
    const tokens = await client.authorizationCodeGrant(
      relying,
      new URL(callback),
      {
        pkceCodeVerifier: checks.verifier,
        expectedState: checks.state,
        expectedNonce: checks.nonce,
        maxAge: max_age,
        idTokenExpected: true,
      },
      undefined,
      dpop,
    );
    const claims = tokens.claims();
    const person = await client.fetchUserInfo(relying, tokens.access_token, claims.sub, dpop);
    return { tokens, claims, person };
  },
  async refresh({ token, parameters }) {
    const tokens = await client.refreshTokenGrant(relying, token, parameters, dpop);
    return { tokens, claims: tokens.claims() };
  },
  async userinfo({ token, subject }) {
    return await client.fetchUserInfo(relying, token, subject ?? client.skipSubjectCheck, dpop);
  },
  async credentials({ parameters }) {
    return await client.clientCredentialsGrant(relying, parameters, dpop);
  },
  async introspect({ token }) {
    return await client.tokenIntrospection(relying, token);
  },
  async revoke({ token }) {
    await client.tokenRevocation(relying, token);
    return {};
  },
  async exchange({ parameters }) {
    return await client.genericGrantRequest(
      relying,
      "urn:ietf:params:oauth:grant-type:token-exchange",
      parameters,
      dpop,
    );
  },
  async device({ parameters }) {
    return await client.initiateDeviceAuthorization(relying, parameters);
  },
  async poll({ response }) {
    const tokens = await client.pollDeviceAuthorizationGrant(relying, response, undefined, dpop);
    return { tokens, claims: tokens.claims() };
  },
  async logout({ parameters }) {
    return { url: client.buildEndSessionUrl(relying, parameters).href };
  },
};

for (const { verb, given } of config.calls) {
  try {
    console.log(JSON.stringify({ answer: await verbs[verb](given ?? {}) }));
  } catch (error) {
    const { name, message, code, error: word, error_description: text, status } = error;
    console.log(JSON.stringify({ error: { name, message, code, word, text, status } }));
  }
}
