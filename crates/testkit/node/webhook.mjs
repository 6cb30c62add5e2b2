// Has the reference library of Standard Webhooks check calls, and prints for each whether it is content, one JSON line a call.

import { json } from "node:stream/consumers";

import { Webhook } from "standardwebhooks";

const { secret, calls } = await json(process.stdin);
for (const { headers, body } of calls) {
  let verified = true;
  try {
    new Webhook(secret).verify(body, headers);
  } catch {
    verified = false;
  }
  console.log(JSON.stringify({ verified }));
}
