// What a reload says it changes.

import { describe, expect, it } from 'vitest';

import { diffFleets } from '../../src/core/fleet-diff.ts';
import { fleetOf } from '../support/load-config.ts';

const PROJECT = '[[projects]]\nid = "web"\n';
const AGENT = '[[agents]]\nname = "a"\nproject = "web"\nlayer = "Growth"\ncli_tool = "echo"\n';
const GITEA = '[gitea]\nurl = "https://h"\ntoken_file = "/t"\nowner = "o"\nrepository = "r"\n';

describe('diffFleets', () => {
  it.each([
    ['nothing', PROJECT + AGENT, PROJECT + AGENT, { added: [], changed: [], removed: [] }],
    [
      'a key of an agent',
      PROJECT + AGENT,
      `${PROJECT}${AGENT}timeout = "1h"\nenv = { A = "1" }\n`,
      { added: [], changed: [{ kind: 'agent', key: 'web/a', fields: ['env', 'timeoutMs'] }], removed: [] },
    ],
    [
      'a new agent and a new tracker',
      PROJECT,
      PROJECT + AGENT + GITEA,
      {
        added: [
          { kind: 'gitea', key: '' },
          { kind: 'agent', key: 'web/a' },
        ],
        changed: [],
        removed: [],
      },
    ],
    [
      'an agent renamed',
      PROJECT + AGENT,
      PROJECT + AGENT.replace('"a"', '"b"'),
      { added: [{ kind: 'agent', key: 'web/b' }], changed: [], removed: [{ kind: 'agent', key: 'web/a' }] },
    ],
    [
      'a setting that is inherited',
      PROJECT + AGENT,
      `[factory]\ntimezone = "Europe/Berlin"\n[breaker]\nthreshold = 5\n${PROJECT}${AGENT}`,
      {
        added: [],
        changed: [
          { kind: 'factory', key: '', fields: ['timezone'] },
          { kind: 'project', key: 'web', fields: ['breaker'] },
          { kind: 'agent', key: 'web/a', fields: ['timezone'] },
        ],
        removed: [],
      },
    ],
    [
      'an item of a list',
      `${PROJECT}${AGENT}args = ["a", "b"]\n`,
      `${PROJECT}${AGENT}args = ["a"]\n`,
      { added: [], changed: [{ kind: 'agent', key: 'web/a', fields: ['args'] }], removed: [] },
    ],
    [
      'a schedule',
      `${PROJECT}${AGENT.replace('Growth', 'Core')}schedule = "* * * * *"\n`,
      `${PROJECT}${AGENT.replace('Growth', 'Core')}schedule = "1 * * * *"\n`,
      { added: [], changed: [{ kind: 'agent', key: 'web/a', fields: ['schedule'] }], removed: [] },
    ],
  ])('tells of %s', (...[, old, next, expected]) => {
    const diff = diffFleets(fleetOf(old), fleetOf(next));

    expect({ ...diff, changed: diff.changed.map((part) => ({ ...part, fields: part.fields.toSorted() })) }).toEqual(
      expected,
    );
  });
});
