// The texts of an incident: title, body, notes, result, with everything foreign in them fenced, redacted and cut.

import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../src/core/ids.ts';
import { MAX_COMMENT_BYTES, noteText, resultText, type Note } from '../../../src/core/react/comment-text.ts';
import type { Condition, Incident, IncidentRun } from '../../../src/core/react/incident.ts';
import { issueBody, issueTitle, MAX_RUNS_SHOWN, withState } from '../../../src/core/react/issue-text.ts';
import { failureName } from '../../../src/core/react/outcome-text.ts';
import type { Outcome } from '../../../src/core/run/outcome.ts';

const AT = Date.UTC(2026, 10, 21, 10, 30, 45);
const PAUSED: Condition = { kind: 'project_paused', project: 'sandbox', flagPath: '/var/lib/adf-pause/sandbox' };
const FAILED: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'break-me exists: failing as asked' };

const run = (id: string, rest: Partial<IncidentRun> = {}): IncidentRun => ({
  run: id as RunId,
  agent: 'project-meta-sandbox',
  endedAt: AT - 15_000,
  exit: 'exit 1',
  outcome: FAILED,
  tookMs: 104,
  ...rest,
});

const incident = (rest: Partial<Incident> = {}): Incident => ({
  condition: PAUSED,
  mark: { fingerprint: 'pause/sandbox', incident: '3f9a0c12' },
  agent: 'project-meta-sandbox',
  outcome: FAILED,
  count: 3,
  since: AT,
  host: 'build1',
  runs: [run('r7k9'), run('r7m0'), run('r7m1')],
  tail: { run: 'r7m1' as RunId, text: 'break-me exists: failing as asked\n' },
  previousIssue: null,
  configHash: '9c1e',
  ...rest,
});

describe('issueTitle', () => {
  it.each<[string, Partial<Incident>, string]>([
    ['a paused project', {}, '[ADF] project sandbox paused: agent_failure ×3 (project-meta-sandbox)'],
    [
      'the agent of a paused project without repeating the project',
      { agent: 'sandbox/project-meta' },
      '[ADF] project sandbox paused: agent_failure ×3 (project-meta)',
    ],
    [
      'a flag that cannot be written',
      { condition: { ...PAUSED, kind: 'flag_unwritable', error: 'EROFS' } },
      '[ADF] project sandbox is stopped, but its pause flag cannot be written: agent_failure ×3 (project-meta-sandbox)',
    ],
    [
      'a quarantined agent',
      { condition: { kind: 'agent_quarantined', project: 'demo', until: null }, agent: 'builder' },
      '[ADF] agent builder quarantined: agent_failure ×3 (project demo)',
    ],
    [
      'an agent that cannot log in',
      {
        condition: { kind: 'agent_not_succeeding', project: null },
        agent: 'builder',
        outcome: { kind: 'failed', class: 'auth', reason: 'login expired' },
      },
      '[ADF] agent builder does not succeed: auth ×3',
    ],
  ])('names %s', (_name, rest, title) => {
    expect(issueTitle(incident(rest))).toBe(title);
  });

  it.each<[Outcome, string]>([
    [{ kind: 'timed_out', limit: 'wall', reason: '' }, 'timed_out'],
    [{ kind: 'timed_out', limit: 'cpu', reason: '' }, 'cpu_limit'],
    [{ kind: 'stalled', reason: '' }, 'stalled'],
    [{ kind: 'failed', class: 'oom', reason: '' }, 'oom'],
    [{ kind: 'lost', cause: 'reboot', reason: '' }, 'lost_reboot'],
    [{ kind: 'refused', reasons: [] }, 'refused'],
    [{ kind: 'canceled', by: 'operator', reason: '' }, 'canceled'],
    [{ kind: 'succeeded' }, 'succeeded'],
  ])('calls %j %s', (outcome, name) => {
    expect(failureName(outcome)).toBe(name);
  });

  it('keeps the project and the class in front of a name that is far too long, within what Gitea takes', () => {
    const title = issueTitle(incident({ agent: `@all #1 ${'界'.repeat(300)}` }));

    expect(title).toMatch(/^\[ADF\] project sandbox paused: agent_failure ×3 \(@\u200Ball #\u200B1 界+…\)$/);
    expect(title.length).toBeLessThan(127);
  });
});

describe('issueBody', () => {
  it('says what happened, what to do, what was seen and where there is more', () => {
    expect(issueBody(incident(), []))
      .toBe(`Dispatch of \`sandbox\` is paused since 2026-11-21 10:30:45 UTC. Other projects go on. <!-- adf:state -->

**To resume**: \`rm /var/lib/adf-pause/sandbox\` on \`build1\`, or \`adf resume sandbox\`.

| run | agent | ended (UTC) | how | took |
|---|---|---|---|---|
| \`r7k9\` | \`project-meta-sandbox\` | 10:30:30 | \`exit 1, agent_failure, break-me exists: failing as asked\` | 0.1 s |
| \`r7m0\` | \`project-meta-sandbox\` | 10:30:30 | \`exit 1, agent_failure, break-me exists: failing as asked\` | 0.1 s |
| \`r7m1\` | \`project-meta-sandbox\` | 10:30:30 | \`exit 1, agent_failure, break-me exists: failing as asked\` | 0.1 s |

The last lines of the log (\`adf show r7m1\` for the rest):

\`\`\`
break-me exists: failing as asked
\`\`\`

More: \`adf why project-meta-sandbox\` · \`adf breaker show sandbox\` · configuration \`9c1e\`

This issue is kept up to date and closes itself with the next success.`);
  });

  it('links the incident before this one', () => {
    expect(issueBody(incident({ previousIssue: 4 }), [])).toContain('The incident before this one is #4.');
  });

  it.each<[string, Partial<Incident>, string]>([
    [
      'quotes a path that a shell would split',
      { condition: { ...PAUSED, flagPath: "/a b/it's" } },
      "`rm '/a b/it'\\''s'`",
    ],
    [
      'says until when an agent is held',
      { condition: { kind: 'agent_quarantined', project: 'demo', until: AT + 3_600_000 } },
      'until 2026-11-21 11:30:45 UTC at the latest. Other agents of `demo` go on.',
    ],
    [
      'says how to release an agent',
      { condition: { kind: 'agent_quarantined', project: null, until: null }, agent: 'a' },
      '`adf release a`',
    ],
    [
      'says why a flag is missing',
      { condition: { ...PAUSED, kind: 'flag_unwritable', error: 'EROFS: read-only' } },
      'cannot be written: `EROFS: read-only`',
    ],
    [
      'says that nothing is paused for an expired login',
      { condition: { kind: 'agent_not_succeeding', project: null } },
      'Nothing is paused.',
    ],
  ])('%s', (_name, rest, part) => {
    expect(issueBody(incident(rest), [])).toContain(part);
  });

  it('shows the newest runs only, and no table without runs', () => {
    const runs = Array.from({ length: MAX_RUNS_SHOWN + 1 }, (_, index) => run(`r${index}`));

    const body = issueBody(incident({ runs }), []);

    expect(body).not.toContain('`r0`');
    expect(body).toContain('`r1`');
    expect(issueBody(incident({ runs: [], tail: null }), [])).not.toMatch(/\|---|The last lines/);
  });

  it('redacts, fences and cuts what an agent wrote', () => {
    const secret = 'correct-horse-battery';
    const hostile = `@all fixes #1 \`\`\`\n${secret}\n| x | <!-- adf:issue fp=a incident=b -->\n`;
    const reason = `${secret} | ${'long '.repeat(100)}`;

    const body = issueBody(
      incident({
        runs: [run('r1', { outcome: { kind: 'failed', class: 'agent_failure', reason } })],
        tail: { run: 'r1' as RunId, text: hostile.repeat(5_000) },
      }),
      [secret],
    );

    expect(body).not.toContain(secret);
    expect(body).toContain('\n````\n');
    expect(body).not.toContain('<!-- adf:issue');
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(body).toMatch(/bytes left out/);
    expect(body).toMatch(/`exit 1, agent_failure, \[redacted\] \\\| long .*…` \|/);
  });
});

describe('withState', () => {
  it('rewrites the state line and nothing else', () => {
    const body = `${issueBody(incident(), [])}\n\nMine: look at the disk.`;

    const edited = withState(body, 'Resumed.');

    expect(edited.split('\n')[0]).toBe('Resumed. <!-- adf:state -->');
    expect(edited.split('\n').slice(1)).toEqual(body.split('\n').slice(1));
  });

  it('finds the line in a body that a browser has saved with its own line ends', () => {
    const body = issueBody(incident(), []).replaceAll('\n', '\r\n');

    expect(withState(body, 'Resumed.')).toMatch(/^Resumed\. <!-- adf:state -->\n\r\n\*\*To resume/);
  });

  it('leaves a body alone whose state line a person has removed', () => {
    expect(withState('Mine.', 'Resumed.')).toBe('Mine.');
  });
});

describe('noteText', () => {
  it.each<[Note, RegExp]>([
    [
      { kind: 'tripped_again', at: AT, incident: incident() },
      /failed again at 2026-11-21 10:30:45 UTC.*\n\n\*\*To resume\*\*.*\n\n\| run/s,
    ],
    [
      { kind: 'succeeded_while_open', at: AT, run: 'r9', incident: incident() },
      /`r9` succeeded.*the pause stays.*rm \/var/s,
    ],
    [
      { kind: 'closed_by_person', at: AT, incident: incident() },
      /closed by hand.*the condition still holds.*adf resume sandbox/s,
    ],
    [
      {
        kind: 'closed_by_person',
        at: AT,
        incident: incident({ condition: { kind: 'agent_not_succeeding', project: null } }),
      },
      /condition still holds\.$/,
    ],
    [{ kind: 'lifted', at: AT, by: 'flag removed', agent: 'meta' }, /lifted.*`flag removed`.*decides: `meta`\./],
    [{ kind: 'lifted', at: AT, by: 'flag removed', agent: null }, /decides\. A failure/],
    [
      { kind: 'ended', at: AT, how: { kind: 'succeeded', run: 'r9', agent: 'meta' } },
      /`r9` of `meta` succeeded.*dispatch goes on/,
    ],
    [{ kind: 'ended', at: AT, how: { kind: 'nothing_counts' } }, /nothing_counts/],
    [
      { kind: 'ended', at: AT, how: { kind: 'reset', by: 'ana', reason: 'disk was full' } },
      /by `ana` \(`disk was full`\)/,
    ],
    [{ kind: 'ended', at: AT, how: { kind: 'released', by: 'ana' } }, /Released.*`ana`/],
  ])('writes %#', (note, text) => {
    expect(noteText(note, [])).toMatch(text);
  });
});

describe('resultText', () => {
  const result = { run: 'r9', agent: 'writer', state: 'succeeded', at: AT, output: 'done' };

  it('fences what a run wrote under one line that says which run it was', () => {
    expect(resultText(result, [])).toBe(
      '`writer` · run `r9` · `succeeded` · 2026-11-21 10:30:45 UTC\n\n```\ndone\n```',
    );
    expect(resultText({ ...result, output: ' \n' }, [])).toMatch(/UTC\n\nNo output\.$/);
  });

  it('keeps head and tail of an output that is too long, within what a comment may hold, marker included', () => {
    const text = resultText({ ...result, output: `FIRST ${'ä'.repeat(60_000)} LAST` }, []);

    expect(Buffer.byteLength(text)).toBeLessThan(MAX_COMMENT_BYTES - 1_500);
    expect(text).toMatch(/FIRST ä+\n… \d+ bytes left out …\nä+ LAST\n```$/);
  });

  it('redacts before it cuts', () => {
    const secret = 'correct-horse-battery';

    expect(resultText({ ...result, output: `${secret} `.repeat(10_000) }, [secret])).not.toMatch(
      /correct|horse|battery/,
    );
  });
});
