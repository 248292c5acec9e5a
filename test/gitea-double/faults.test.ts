// Each fault of the double does what it says, to the requests that it names and as often as it is told.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.ts';
import { GiteaDouble } from '../support/gitea-double/double.ts';
import type { FaultKind } from '../support/gitea-double/faults.ts';
import { askGitea, giteaPerson, type GiteaLogin } from '../support/gitea-person.ts';

let double: GiteaDouble;
let login: GiteaLogin;

beforeEach(async () => {
  double = await GiteaDouble.start();
  const user = double.world.addUser('factory');
  double.world.addToken(user, 'token', ['write:issue']);
  double.world.addRepository(user, 'demo');
  login = { url: double.url, token: 'token' };
});

afterEach(() => double.close());

const create = (): Promise<number> => giteaPerson(login, 'factory/demo').open('title', 'a needle');
const issues = (): number => double.world.repositories[0]?.issues.length ?? 0;

describe('a fault', () => {
  it.each<[string, FaultKind, number]>([
    ['an answer of its own carries nothing out', { kind: 'answer', status: 503 }, 0],
    ['a cut connection carries nothing out', { kind: 'cut' }, 0],
    ['a lost answer hides what was carried out', { kind: 'lost_answer' }, 1],
    ['half an answer hides what was carried out', { kind: 'half_answer' }, 1],
    ['a page of a proxy hides what was carried out', { kind: 'page' }, 1],
  ])('%s', async (_name, fault, made) => {
    double.faults.add({ fault });

    await expect(create()).rejects.toThrow();

    expect(issues()).toBe(made);
  });

  it('may only make its request slow', async () => {
    double.faults.add({ fault: { kind: 'latency', ms: 20 } });
    const started = performance.now();

    expect(await create()).toBe(1);

    expect(performance.now() - started).toBeGreaterThan(15);
  });

  it('may hold its request at a gate', async () => {
    const gate = new Gate();
    double.faults.add({ fault: { kind: 'hold', gate } });

    const made = create();
    await gate.arrived;
    const before = issues();
    gate.release();

    expect(before).toBe(0);
    expect(await made).toBe(1);
  });

  it('strikes only what it names, as often as it is told', async () => {
    double.faults.add({ method: 'POST', path: /\/issues$/, times: 2, fault: { kind: 'answer', status: 500 } });

    expect(await askGitea(login, 'GET /repos/factory/demo/issues')).toEqual([]);
    await expect(create()).rejects.toThrow('HTTP 500');
    await expect(create()).rejects.toThrow('HTTP 500');
    expect(await create()).toBe(1);
  });

  it('by chance strikes the same requests for the same seed', async () => {
    const strikes = async (): Promise<readonly string[]> => {
      double.faults.setRates({ seed: 3, fail: 0.4, lost: 0.2 });
      const outcomes = [];
      for (let request = 0; request < 20; request += 1) {
        outcomes.push(
          await askGitea(login, 'GET /version').then(
            () => 'ok',
            () => 'struck',
          ),
        );
      }
      return outcomes;
    };

    const first = await strikes();

    expect(first).toEqual(await strikes());
    expect(new Set(first)).toEqual(new Set(['ok', 'struck']));
  });
});

describe('the search index', () => {
  const found = async (): Promise<unknown> => askGitea(login, 'GET /repos/factory/demo/issues?q=NEEDLE');

  it('knows an issue whose creator waited for the answer', async () => {
    await create();

    expect(await found()).toHaveLength(1);
  });

  it('never learns of one whose answer was lost, until somebody comments', async () => {
    double.faults.add({ fault: { kind: 'lost_answer' } });
    await expect(create()).rejects.toThrow();

    const before = await found();
    await giteaPerson(login, 'factory/demo').comment(1, 'here');

    expect(before).toEqual([]);
    expect(await found()).toHaveLength(1);
  });

  it('may be told to learn nothing', async () => {
    double.searchIsStale = true;
    await create();

    expect(await found()).toEqual([]);
  });
});

describe('the description', () => {
  it.each<[string, unknown, string]>([
    ['GET /repos/factory/demo/issues?labelz=x', undefined, 'query parameter labelz is not documented'],
    ['GET /repos/factory/demo/issues?type=issue', undefined, 'query parameter type is none of issues, pulls'],
    ['GET /repos/factory/demo/issues?limit=many', undefined, 'query parameter limit is no integer'],
    ['GET /repos/factory/demo/issues?since=2026-11-21', undefined, 'query parameter since is no RFC 3339 instant'],
    ['POST /repos/factory/demo/issues', { body: 'x' }, 'body.title is missing'],
    ['POST /repos/factory/demo/issues', { title: 'x', labels: ['a'] }, 'body.labels[0] is no integer'],
    ['POST /repos/factory/demo/issues', { title: 'x', labelz: [] }, 'body.labelz is not documented'],
    ['POST /repos/factory/demo/issues', { title: 'x', closed: 'yes' }, 'body.closed is no boolean'],
    ['POST /repos/factory/demo/issues', { title: 'x', assignees: 'a' }, 'body.assignees is no array'],
  ])('finds what is wrong with %s', async (request, body, violation) => {
    await askGitea(login, request, body).catch(() => null);

    expect(double.violations).toEqual([expect.stringContaining(violation)]);
  });
});
