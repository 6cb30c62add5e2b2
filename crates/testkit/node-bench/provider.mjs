// oidc-provider with one client and one key, in memory, without TLS and without logging: `node provider.mjs ALGORITHM`. It says its
// address when it listens. Whoever is sent to sign in is signed in as a new person, so that only the protocol is measured.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

// Nobody reads what it says later.
console.info = () => {};

const [algorithm] = process.argv.slice(2);
const pair =
  algorithm === "RS256"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { ...pair.privateKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: algorithm };

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  cookies: { keys: ["a key of the bench"] },
  clients: [
    {
      client_id: "bench",
      client_secret: "a secret of the bench",
      redirect_uris: ["https://app.example/callback"],
      grant_types: ["authorization_code", "client_credentials"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_post",
      id_token_signed_response_alg: algorithm,
    },
  ],
  scopes: ["openid", "profile", "api"],
  claims: { profile: ["name", "preferred_username"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Person ${id}`, preferred_username: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // Tokens for a program are signed; those of people are not, as ours are.
      defaultResource: ({ oidc }) => (oidc.params.grant_type === "client_credentials" ? "urn:api" : undefined),
      getResourceServerInfo: () => ({ scope: "api", accessTokenFormat: "jwt", jwt: { sign: { alg: algorithm } } }),
    },
  },
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});

let people = 0;
provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return await next();
  const login = { accountId: `user${people++}` };
  context.redirect(await provider.interactionResult(context.req, context.res, { login }));
});
server.on("request", provider.callback());
process.stdout.write(`${issuer}\n`);
