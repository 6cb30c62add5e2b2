// How a program is told what to do: a JSON line in for each thing, one out with what came of it. The first line is its configuration.

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const config = JSON.parse((await lines.next()).value);

// `told`: what is said of an error.
export async function serve(verbs, told = ({ message }) => message) {
  for await (const line of lines) {
    const { do: verb, ...given } = JSON.parse(line);
    try {
      console.log(JSON.stringify({ answer: await verbs[verb](given) }));
    } catch (error) {
      console.log(JSON.stringify({ error: told(error) }));
    }
  }
}
