// adf explain: what a key of agents.toml means, from the schema that checks it.

import { explainKey, explanationLines } from '../../config/explain.ts';
import type { Explanation } from '../../config/explain.ts';
import { KEYS } from '../../config/schema.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Define } from '../command.ts';
import { withCommon } from '../command.ts';
import { DONE, usageError } from '../exit-code.ts';
import { table } from '../render/table.ts';

/** `adf explain [KEY]` */
export const define: Define = (command, run) => {
  withCommon(command)
    .argument('[key]', 'a key as agents.toml or a message writes it: timeout, agents.retry.max')
    .action((key: string | undefined) =>
      run(async (session) => {
        const found = key === undefined ? KEYS.flatMap(({ path }) => explain(path)) : explain(key);
        await session.result(found, () =>
          key === undefined
            ? table(
                ['KEY', 'DEFAULT', 'MEANING'],
                found.map((one) => [one.written, one.default ?? (one.required ? 'required' : ''), one.meaning]),
                session,
              )
            : found.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...explanationLines(one)]),
        );
        return DONE;
      }),
    );
};

function explain(key: string): readonly Explanation[] {
  const result = explainKey(key);
  switch (result.kind) {
    case 'ok':
      return result.keys;
    case 'unknown': {
      const hint = result.nearest === null ? '' : ` (did you mean "${result.nearest}"?)`;
      throw usageError(`no key is called "${key}"${hint}: adf explain lists them all`);
    }
    default:
      return unreachable(result);
  }
}
