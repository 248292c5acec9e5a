// `adf completion`: scripts that the shells can read, and the names that they ask for.

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../../src/cli/catalogue.ts';
import { adf, adfAlone } from '../../support/cli.ts';
import { testFolder } from '../../support/control-socket.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { agentView } from '../../support/views.ts';

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  it('names every command', async () => {
    const { code, out } = await adfAlone(['completion', shell]);
    expect(code).toBe(0);
    for (const verb of VERBS) {
      expect(out).toContain(verb.name);
    }
  });
});

describe.runIf(existsSync('/bin/bash'))('in bash', () => {
  it('the script is read without complaint', async () => {
    const file = join(testFolder(), 'completion');
    writeFileSync(file, (await adfAlone(['completion', 'bash'])).out);
    expect(execFileSync('bash', ['-n', file], { encoding: 'utf8' })).toBe('');
  });

  /** What bash offers after `line`, with an `adf` that knows two agents. */
  async function offered(line: readonly string[]): Promise<readonly string[]> {
    const { out } = await adfAlone(['completion', 'bash']);
    const words = line.map((word) => `'${word}'`).join(' ');
    const script = `adf() { echo "$@" | sed 's/completion --words //'; }
${out}
COMP_WORDS=(adf ${words}); COMP_CWORD=${line.length}; _adf; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  }

  it.each<[readonly string[], readonly string[]]>([
    [['sta'], ['start', 'status']],
    [['why', ''], ['agents']],
    [['show', ''], ['runs']],
    [['pause', ''], ['projects']],
    [['breaker', 'i'], ['isolate']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['logs', '--f'], ['--follow']],
    [['--json', 'runs', '--o'], ['--outcome']],
  ])('after %j it offers %j', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });
});

describe('the names it asks for', () => {
  it.each([
    ['agents', 'steward demo/steward dependency-auditor demo/dependency-auditor'],
    ['runs', 'r7m1 r7k2'],
    ['projects', 'sandbox demo'],
  ])('%s', async (kind, names) => {
    const { code, out } = await adf(new FakeControl(), ['completion', '--words', kind]);
    expect(code).toBe(0);
    expect(out.trim().split('\n').join(' ')).toContain(names);
  });

  it('hold nothing that a shell would carry out', async () => {
    const fake = new FakeControl({ agents: async () => [agentView({ name: '$(reboot)', key: 'a b' }), agentView()] });
    expect((await adf(fake, ['completion', '--words', 'agents'])).out).toBe('steward\ndemo/steward\n');
  });

  it('are none without a daemon, and nothing is said of it', async () => {
    expect(await adfAlone(['completion', '--words', 'runs'])).toMatchObject({ code: 0, out: '', err: '' });
  });
});

it('asks for a shell, and for one it knows', async () => {
  expect((await adfAlone(['completion'])).code).toBe(2);
  expect((await adfAlone(['completion', 'tcsh'])).code).toBe(2);
});
