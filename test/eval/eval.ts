// npm run eval: scores the recorded situations with their recorded answers, or with a real model (--endpoint URL --model NAME).

import { parseArgs } from 'node:util';
import { chatModel } from '../../src/adapters/llm/chat.ts';
import { score } from './score.ts';
import type { Ask } from './score.ts';
import { situations } from './situation.ts';

const { values } = parseArgs({
  options: { endpoint: { type: 'string' }, model: { type: 'string' }, 'api-key-file': { type: 'string' } },
});

function live(endpoint: string, name: string): Ask {
  const apiKeyFile = values['api-key-file'] ?? null;
  const model = chatModel({ endpoint, model: name, provider: 'eval', apiKeyFile, now: () => Date.now() });
  return async (question) => {
    const reply = await model.ask(question, new AbortController().signal);
    if (reply.kind === 'failed') {
      throw new Error(reply.message);
    }
    return reply.text;
  };
}

const { endpoint, model } = values;
const ask = endpoint === undefined || model === undefined ? null : live(endpoint, model);
let points = 0;
let all = 0;
for (const [name, situation] of situations()) {
  const result = await score(situation, ask);
  points += result.points;
  all += result.of;
  console.log(`${result.points} of ${result.of}  ${name.padEnd(18)} ${situation.title}`);
  for (const line of result.missing) {
    console.log(`        ${line}`);
  }
}
console.log(`${points} of ${all} points${ask === null ? ', with recorded answers' : ` for ${model ?? ''}`}`);
// A model may miss something; what is recorded may not.
process.exitCode = ask !== null || points === all ? 0 : 1;
