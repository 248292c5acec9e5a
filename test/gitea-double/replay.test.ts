// The double answers every recorded request as the real server did: status, headers that matter, and the whole body.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GiteaDouble } from '../support/gitea-double/double.ts';
import { recordings, type Recording } from '../support/gitea-double/recorded.ts';
import type { Repository, User } from '../support/gitea-double/world.ts';

const ALL_SCOPES = ['write:issue', 'write:repository', 'write:user', 'write:organization'];
const HEADERS = ['content-type', 'x-total-count', 'link', 'location', 'allow'];
/** The double has none of these: another method list, a body for people, links to places it lacks. */
const DIFFERS: Readonly<Record<string, readonly string[]>> = {
  '015': ['allow'],
  '191': ['content-type', 'body'],
};

let double: GiteaDouble;
let owner: User;
let alice: User;
const repositories = new Map<string, Repository>();

beforeAll(async () => {
  double = await GiteaDouble.start({ origin: 'http://gitea.test', now: () => Date.UTC(2026, 10, 21, 10, 33, 42) });
  const { world } = double;
  world.last.user = 1;
  owner = world.addUser('factory');
  alice = world.addUser('alice');
  world.addToken(owner, 'all', ALL_SCOPES);
  world.addToken(owner, 'read-issue', ['read:issue']);
  world.addToken(alice, 'alice', ALL_SCOPES);
  repositories.set('playground', world.addRepository(owner, 'playground', { description: 'test repository' }));
  repositories.set('hidden', world.addRepository(owner, 'hidden', { isPrivate: true }));
  repositories.set('bare', world.addRepository(owner, 'bare'));
  repositories.set('dups', world.addRepository(owner, 'dups'));
  world.last.repository += 1;
  repositories.set('old', world.addRepository(owner, 'old'));
  repository('bare').hasIssues = false;
});

afterAll(() => double.close());

/** What happened on the real server between two recordings without being recorded. */
const MEANWHILE: Readonly<Record<string, () => void>> = {
  '019': () => double.world.addLabel(repository('dups'), { name: 'dark-factory', color: 'd73a4a' }),
  '021': () => double.world.addLabel(repository('playground'), { name: 'second', color: '00aabb' }),
  '045': () => (double.world.last.label += 1),
  '052': () => (double.world.last.issue += 1),
  '077': () => {
    double.world.addIssue(repository('playground'), owner, { title: 'garbage after' });
    double.world.addIssue(repository('playground'), owner, { title: 'invalid utf8 \uFFFD\uFFFD' });
  },
  '080': () => double.world.addIssue(repository('playground'), owner, { title: 'sent as form', body: 'b' }),
  '091': () => {
    double.world.addIssue(repository('old'), owner, { title: 'before archiving' });
    repository('old').archived = true;
  },
  '116': () => (issue('playground', 1).title = 'builder: 3 failures in a row'),
  '143': () => {
    issue('playground', 1).labels = repository('playground').labels.slice(0, 1);
    double.world.last.entry = 24;
  },
  '162': () => {
    double.world.setState(issue('playground', 1), owner, 'closed');
    double.world.last.entry = 28;
  },
  '164': () => double.world.setState(issue('playground', 1), owner, 'open'),
  '165': () => (double.world.last.entry = 31),
  '174': () => {
    double.world.addIssue(repository('playground'), owner, { title: 'a pull request', body: 'changes', isPull: true });
  },
  '188': () => {
    const dups = repository('dups');
    const [first, second] = dups.labels;
    double.world.addIssue(dups, owner, { title: 'has one', labels: [] });
    double.world.addIssue(dups, owner, { title: 'has the other', labels: second === undefined ? [] : [second] });
    double.world.addIssue(dups, owner, { title: 'has both', labels: first && second ? [first, second] : [] });
  },
  '204': () => {
    for (let count = 0; count < 120; count += 1) {
      double.world.addIssue(repository('hidden'), owner, { title: `issue ${count}`, body: 'b' });
    }
  },
  '207': () => {
    const playground = repository('playground');
    playground.lastNumber = 29;
    double.world.last.issue = 155;
    const body = '<!-- dark-factory:fp=zq4fingerprint1795257260848 -->';
    double.world.addIssue(playground, owner, { title: 'search latency', body }).indexed = body;
  },
  '211': () => (alice.mayLogIn = false),
  '215': () => (alice.mayLogIn = true),
};

describe('the Gitea double', () => {
  it.each(recordings.map((recording) => [recording.number, recording.case, recording] as const))(
    'answers %s (%s) as the real server did',
    async (number, _case, recording) => {
      MEANWHILE[number]?.();

      const response = await replay(recording);

      const differs = DIFFERS[number] ?? [];
      expect(response.status).toBe(recording.response.status);
      for (const name of HEADERS.filter((header) => !differs.includes(header))) {
        expect(response.headers.get(name) ?? undefined, name).toBe(recording.response.headers[name]);
      }
      if (!differs.includes('body')) {
        expectBody(recording, await response.text());
      }
    },
  );
});

function expectBody(recording: Recording, text: string): void {
  const expected = recording.response.body;
  if (typeof expected === 'string') {
    expect(text).toBe(expected);
    return;
  }
  const actual = withoutTimes(JSON.parse(text));
  const [, held] = /the body held (\d+) items/.exec(recording.note ?? '') ?? [];
  if (held !== undefined && Array.isArray(actual)) {
    expect(actual).toHaveLength(Number(held));
    expect(actual.slice(0, 2)).toEqual(withoutTimes(expected));
  } else if (isObject(expected) && 'clone_url' in expected && isObject(actual)) {
    // The double leaves out the settings of a repository that have no bearing on issues.
    expect(withoutTimes(expected)).toMatchObject(actual);
  } else {
    expect(actual).toEqual(withoutTimes(expected));
  }
}

async function replay(recording: Recording): Promise<Response> {
  const { method, path, headers, body } = recording.request;
  const sent = new Headers(headers);
  const scheme = headers['Authorization']?.split(' ')[0];
  if (scheme !== undefined) {
    sent.set('authorization', `${scheme} ${tokenOf(recording.as)}`);
  }
  // Bytes, because fetch adds a content type of its own to a string.
  const bytes = body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const isNullBody = recording.number === '073';
  return fetch(`${double.url}${path}`, {
    method,
    headers: sent,
    body: isNullBody ? Buffer.from('null') : bytes,
    redirect: 'manual',
  });
}

function tokenOf(as: string): string {
  if (as.startsWith('owner of')) {
    return 'all';
  }
  if (as.startsWith('the same user')) {
    return 'read-issue';
  }
  return as.startsWith('another ordinary user') ? 'alice' : 'nonexistent';
}

/** Only whether there is a time, or a zero time, is compared. */
function withoutTimes(value: unknown): unknown {
  const text = JSON.stringify(value).replace(/"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)"/g, '"(time)"');
  return JSON.parse(text) as unknown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function repository(name: string): Repository {
  const found = repositories.get(name);
  if (found === undefined) {
    throw new Error(`no repository ${name}`);
  }
  return found;
}

function issue(name: string, number: number): Repository['issues'][number] {
  const found = repository(name).issues.find((one) => one.number === number);
  if (found === undefined) {
    throw new Error(`no issue ${number} in ${name}`);
  }
  return found;
}
