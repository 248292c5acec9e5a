// What differs between a fleet and what is in force and alive, and what may be done about it at once.

import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/config/hash.ts';
import type { AgentDefinition, Fleet } from '../../../src/core/fleet.ts';
import type { AgentKey, RunId } from '../../../src/core/ids.ts';
import { diff } from '../../../src/core/reconcile/diff.ts';
import type { Difference } from '../../../src/core/reconcile/diff.ts';
import { violations } from '../../../src/core/reconcile/guardrails.ts';
import { printOf } from '../../../src/core/reconcile/observed.ts';
import type { Observed, StandingRun } from '../../../src/core/reconcile/observed.ts';
import { planOf } from '../../../src/core/reconcile/plan.ts';
import { fleetOf } from '../../support/load-config.ts';
import { alwaysOn } from '../../support/watch-rig.ts';

const PROJECT = '[[projects]]\nid = "web"\n';
const AGENT = '[[agents]]\nname = "a"\nproject = "web"\nlayer = "Growth"\ncli_tool = "echo"\n';
const GITEA = '[gitea]\nurl = "https://h"\ntoken_file = "/t"\nowner = "o"\nrepository = "r"\n';

const inForce = (fleet: Fleet, standing: readonly StandingRun[] = []): Observed => ({ fleet, node: 'n', standing });
const between = (old: string, next: string): readonly Difference[] =>
  diff(fleetOf(next), inForce(fleetOf(old)), sha256);

/** Every wanted replica of `fleet`, alive with its definition. */
const allAlive = (fleet: Fleet): readonly StandingRun[] =>
  fleet.agents.flatMap((agent) =>
    Array.from({ length: agent.layer === 'Safety' ? agent.replicas : 0 }, (_, replica) => alive(agent, replica)),
  );
const alive = (agent: AgentDefinition, replica: number): StandingRun => ({
  run: `r-${agent.name}-${replica}` as RunId,
  agent: agent.key,
  replica,
  state: 'alive',
  print: printOf(agent, 'production', sha256),
});

describe('diff', () => {
  it.each<[string, string, string, readonly (readonly [string, string, readonly string[]])[]]>([
    ['nothing', PROJECT + AGENT, PROJECT + AGENT, []],
    ['nothing of a file in another order', PROJECT + AGENT + GITEA, GITEA + PROJECT + AGENT, []],
    [
      'a key of an agent',
      PROJECT + AGENT,
      `${PROJECT}${AGENT}timeout = "1h"\nenv = { A = "1" }\n`,
      [['update', 'agent web/a', ['env', 'timeoutMs']]],
    ],
    [
      'a new agent and a new tracker',
      PROJECT,
      PROJECT + AGENT + GITEA,
      [
        ['create', 'gitea ', []],
        ['create', 'agent web/a', []],
      ],
    ],
    [
      'an agent renamed',
      PROJECT + AGENT,
      PROJECT + AGENT.replace('"a"', '"b"'),
      [
        ['create', 'agent web/b', []],
        ['delete', 'agent web/a', []],
      ],
    ],
    [
      'a setting that is inherited',
      PROJECT + AGENT,
      `[factory]\ntimezone = "Europe/Berlin"\n[breaker]\nthreshold = 5\n${PROJECT}${AGENT}`,
      [
        ['update', 'factory ', ['timezone']],
        ['update', 'project web', ['breaker']],
        ['update', 'agent web/a', ['timezone']],
      ],
    ],
    [
      'an item of a list',
      `${PROJECT}${AGENT}args = ["a", "b"]\n`,
      `${PROJECT}${AGENT}args = ["a"]\n`,
      [['update', 'agent web/a', ['args']]],
    ],
    [
      'a schedule',
      `${PROJECT}${AGENT.replace('Growth', 'Core')}schedule = "* * * * *"\n`,
      `${PROJECT}${AGENT.replace('Growth', 'Core')}schedule = "1 * * * *"\n`,
      [['update', 'agent web/a', ['schedule']]],
    ],
  ])('tells of %s', (...[, old, next, expected]) => {
    const found = between(old, next).map(({ difference, kind, key, fields }) => [
      difference,
      `${kind} ${key}`,
      fields.toSorted(),
    ]);
    expect(found).toEqual(expected);
  });

  it('never touches a run for a change in place, and ends each run once for any other', () => {
    const lines = ['priority = 1', 'args = ["x"]', 'enabled = false', 'replicas = 2', 'cli_tool = "bash"', ''];
    const base = (line: string): string =>
      alwaysOn(['one', 'two', 'three'], line.startsWith('cli_tool') ? '' : line).replaceAll(
        'cli_tool = "sh"',
        line.startsWith('cli_tool') ? line : 'cli_tool = "sh"',
      );
    for (const before of lines) {
      for (const after of lines) {
        const old = fleetOf(base(before));
        const found = diff(fleetOf(base(after)), inForce(old, allAlive(old)), sha256);
        const stops = found.flatMap((each) => each.stops.map(({ run }) => run));
        expect(new Set(stops).size).toBe(stops.length);
        expect(found.filter((each) => each.class === 'in-place' && each.stops.length > 0)).toEqual([]);
      }
    }
  });

  it('leaves a scheduled agent that runs alone, whatever changes', () => {
    const [change] = between(PROJECT + AGENT, `${PROJECT}${AGENT}args = ["x"]\n`);
    expect(change).toMatchObject({ class: 'in-place', stops: [] });
  });

  it('counts a run whose print is not known as up to date, and one that ends already as gone', () => {
    const fleet = fleetOf(alwaysOn(['one']));
    const [agent] = fleet.agents;
    const run = alive(agent!, 0);
    expect(diff(fleet, inForce(fleet, [{ ...run, print: null }]), sha256)).toEqual([]);
    expect(diff(fleet, inForce(fleet, [{ ...run, state: 'stopping', print: {} }]), sha256)).toEqual([]);
    const stranger = { ...run, agent: 'sandbox/gone' as AgentKey };
    expect(diff(fleet, inForce(fleet, [run, stranger]), sha256)).toMatchObject([
      { difference: 'delete', key: 'sandbox/gone', stops: [{ why: 'removed' }] },
    ]);
  });

  it('tells of a replica that nobody asked for', () => {
    const fleet = fleetOf(alwaysOn(['one'], 'replicas = 2'));
    expect(diff(fleet, inForce(fleet, [alive(fleet.agents[0]!, 0)]), sha256)).toMatchObject([
      { difference: 'drift', class: 'in-place', missing: [1] },
    ]);
  });
});

describe('violations', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e'];
  const refusals = (old: number, next: readonly string[], guardrails = ''): readonly string[] => {
    const desired = fleetOf(`${guardrails}${alwaysOn(next)}`);
    const observed = inForce(fleetOf(alwaysOn(NAMES.slice(0, old))));
    return violations(desired, observed, planOf(desired, observed, sha256)).map(({ code }) => code);
  };

  it.each<[string, number, readonly string[], string, readonly string[]]>([
    ['half of four', 4, ['a', 'b'], '', []],
    ['three of four', 4, ['a'], '', ['max_deletes']],
    ['two of five', 5, ['a', 'b', 'c'], '', []],
    ['three of five', 5, ['a', 'b'], '', ['max_deletes']],
    ['the only one for another', 1, ['b'], '', []],
    ['three of four, allowed', 4, ['a'], '[guardrails]\nmax_deletes = 3\n', []],
    ['three of four, one too many', 4, ['a'], '[guardrails]\nmax_deletes = 2\n', ['max_deletes']],
    ['one where none may go', 4, ['a', 'b', 'c'], '[guardrails]\nmax_deletes = 0\n', ['max_deletes']],
    ['all of them, whatever is allowed', 4, [], '[guardrails]\nmax_deletes = 9\n', ['empty']],
  ])('counts deletes against the fleet in force: %s', (...[, old, next, guardrails, expected]) => {
    expect(refusals(old, next, guardrails)).toEqual(expected);
  });

  it.each([
    ['max_agents = 3', []],
    ['max_agents = 2', ['max_agents']],
    ['max_concurrent = 50', []],
    ['max_concurrent = 49', ['max_concurrent']],
    ['max_memory_total = "6GiB"', []],
    ['max_memory_total = "6143MiB"', ['max_memory_total']],
  ])('counts the fleet that results: %s', (line, expected) => {
    expect(refusals(3, ['a', 'b', 'c'], `[guardrails]\n${line}\n`)).toEqual(expected);
  });
});
