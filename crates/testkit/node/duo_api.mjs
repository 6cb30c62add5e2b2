// Drives the Auth API and the Admin API with the vendor's own Node client and prints what it was answered, one JSON line a
// call: with the status, and whether the body went out in chunks, neither of which the client tells.

import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import https from "node:https";
import { json } from "node:stream/consumers";

import duo from "@duosecurity/duo_api";
import constants from "@duosecurity/duo_api/lib/constants.js";

const config = await json(process.stdin);
// It knows the port 443 alone, which is another one here.
https.globalAgent.defaultPort = config.port;
// It believes in the roots of this constant alone, and reads it at every call.
if (config.ca) constants.DUO_PINNED_CERT = readFileSync(config.ca, "utf8");

let heard = {};
subscribe("http.client.response.finish", ({ request, response }) => {
  heard = { status: response.statusCode, chunked: request.chunkedEncoding };
});
const client = new duo.Client(config.ikey, config.skey, config.host, config.sig_version);
for (const { method, path, params } of config.calls) {
  heard = {};
  const answer = await new Promise((done) => client.jsonApiCall(method, path, params, done));
  console.log(JSON.stringify({ ...heard, ...answer }));
}
