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

describe('in fish', () => {
  /** Words of a line as fish splits it; fails where a quote is not closed. */
  function tokens(line: string): readonly string[] {
    const found = [...line.matchAll(/'([^']*)'|([^\s']+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    expect(line.replaceAll(/'[^']*'/g, ''), 'every quote is closed, and nothing is carried out').not.toMatch(
      /['"`$;|&]/,
    );
    return found;
  }

  /** The rules of the script: when they count, and what they offer. */
  async function rules(): Promise<readonly { readonly when: string; readonly words: string; readonly long: string }[]> {
    const { out } = await adfAlone(['completion', 'fish']);
    const lines = out.trim().split('\n');
    expect(lines.slice(0, 2)).toEqual([expect.stringMatching(/^# /), 'complete -c adf -f']);
    return lines.slice(2).map((line) => {
      const [complete, dashC, adfName, ...rest] = tokens(line);
      expect([complete, dashC, adfName, rest.length % 2]).toEqual(['complete', '-c', 'adf', 0]);
      const options = new Map(rest.flatMap((word, index) => (index % 2 === 0 ? [[word, rest[index + 1] ?? '']] : [])));
      expect([...options.keys()].filter((option) => !['-n', '-a', '-d', '-l'].includes(option))).toEqual([]);
      return { when: options.get('-n') ?? '', words: options.get('-a') ?? '', long: options.get('-l') ?? '' };
    });
  }

  it('offers each command once where none stands yet, and nothing under the name of any other', async () => {
    const all = await rules();
    const first = all.filter(({ when }) => when === '__fish_use_subcommand').map(({ words }) => words);
    expect(first).toEqual(VERBS.map(({ name }) => name));
    const after = all.filter(({ when }) => when !== '__fish_use_subcommand').map(({ when }) => when.split(' '));
    expect(after.every(([seen]) => seen === '__fish_seen_subcommand_from')).toBe(true);
    expect([...new Set(after.map(([, name]) => name))]).toEqual(VERBS.map(({ name }) => name));
  });

  it.each([
    ['why', 'words', '(adf completion --words agents 2>/dev/null)'],
    ['show', 'words', '(adf completion --words runs 2>/dev/null)'],
    ['breaker', 'words', 'show trip reset isolate'],
    ['completion', 'words', 'bash zsh fish'],
    ['logs', 'long', 'follow'],
    ['runs', 'long', 'outcome'],
  ] as const)('after %s it offers %s %s', async (verb, kind, offer) => {
    const after = (await rules()).filter(({ when }) => when === `__fish_seen_subcommand_from ${verb}`);
    expect(after.map((rule) => rule[kind])).toContain(offer);
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
