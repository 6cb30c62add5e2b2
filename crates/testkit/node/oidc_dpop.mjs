// Does what an application with oauth4webapi does that pushes its requests (RFC 9126) and binds its tokens to a key (RFC 9449). The
// keys live as long as the process.

import * as oauth from "oauth4webapi";

import { config, serve } from "./lines.mjs";

const issuer = new URL(config.issuer);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: config.client_id, id_token_signed_response_alg: config.algorithm };
const authentication =
  config.authentication === "none" ? oauth.None() : oauth.ClientSecretBasic(config.client_secret);
const handles = {};
for (const name of ["own", "other"]) {
  handles[name] = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
}
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();

// A server may ask for a nonce of its own, once; the handle remembers it.
async function proved(request, process) {
  try {
    return await process(await request());
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return await process(await request());
  }
}

const verbs = {
  async metadata() {
    return server;
  },
  async push({ key }) {
    const parameters = {
      response_type: "code",
      redirect_uri: config.redirect_uri,
      scope: "openid profile offline_access",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    };
    const pushed = await proved(
      () => oauth.pushedAuthorizationRequest(server, client, authentication, parameters, { DPoP: handles[key] }),
      (response) => oauth.processPushedAuthorizationResponse(server, client, response),
    );
    const url = new URL(server.authorization_endpoint);
    url.searchParams.set("client_id", client.client_id);
    url.searchParams.set("request_uri", pushed.request_uri);
    return { url: url.href, expires_in: pushed.expires_in };
  },
  async redeem({ callback, key }) {
    const parameters = oauth.validateAuthResponse(server, client, new URL(callback), state);
    const request = () =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        parameters,
        config.redirect_uri,
        verifier,
        handles[key] ? { DPoP: handles[key] } : undefined,
      );
    const process = (response) =>
      oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
    const tokens = await proved(request, process);
    return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
  },
  async refresh({ token, key }) {
    return await proved(
      () =>
        oauth.refreshTokenGrantRequest(
          server,
          client,
          authentication,
          token,
          handles[key] ? { DPoP: handles[key] } : undefined,
        ),
      (response) => oauth.processRefreshTokenResponse(server, client, response),
    );
  },
  async person({ token, key, subject }) {
    return await proved(
      () => oauth.userInfoRequest(server, client, token, handles[key] ? { DPoP: handles[key] } : undefined),
      (response) => oauth.processUserInfoResponse(server, client, subject, response),
    );
  },
  // The same proof sent twice, as somebody would who read it on its way.
  async repeated({ token }) {
    let seen;
    const remember = async (url, options) => {
      seen = { url, options };
      return await fetch(url, options);
    };
    const first = await oauth.userInfoRequest(server, client, token, {
      DPoP: handles.own,
      [oauth.customFetch]: remember,
    });
    const second = await fetch(seen.url, seen.options);
    return [first.status, second.status];
  },
};

await serve(verbs, ({ name, message, code, error: word, status, cause }) => ({
  name, message, code, word, status, cause: String(cause ?? ""),
}));
