// Does what an application with the vendor's Web SDK for Node does, and prints what it was answered, one JSON line a call.

import https from "node:https";
import { json } from "node:stream/consumers";

import { Client, DuoException } from "@duosecurity/duo_universal";

const config = await json(process.stdin);
const client = new Client({ ...config.options, enableCAPinning: config.pinned });
// Up to 3.0.0 it has no such option, and believes in the roots that come with it unless its HTTP client is given an agent that
// believes what Node believes. Later versions make the very same agent upon the option.
if (!config.pinned) client.axios.defaults.httpsAgent = new https.Agent();

for (const { name, given } of config.calls) {
  try {
    console.log(JSON.stringify({ answer: await client[name](...given) }));
  } catch (error) {
    if (!(error instanceof DuoException)) throw error;
    console.log(JSON.stringify({ error: error.message }));
  }
}
