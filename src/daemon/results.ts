// Posts what runs bring to the issue that their agent names: one comment per run, edited in place while the run lives.

import { resultText } from '../core/react/comment-text.ts';
import { commentMarker } from '../core/react/marker.ts';
import { failureName } from '../core/react/outcome-text.ts';
import { excerpt, excerptReads } from '../core/react/output-excerpt.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { House } from './house.ts';
import { Follower } from './follower.ts';
import { placeOf } from './issue-links.ts';
import type { Reacted, ReactionTarget } from './outbox.ts';
import { issueOf, post, RESULTS } from './post-result.ts';
import type { PostResult } from './post-result.ts';
import type { Recorder } from './recorder.ts';
import { failed, trackerStamp } from './tracker-target.ts';
import { Turns } from './turns.ts';
import { CLOCK_SLACK_MS } from './tracker-clock.ts';

/** Comments written in an hour. */
const PER_HOUR = 600;
/** How often the comment of a living run is brought up to date. */
const LOOK_MS = 60_000;

/** The outbox target `results`. */
export function resultTarget(
  house: Pick<House, 'ledger' | 'fleet' | 'clock' | 'tracker' | 'files' | 'driverFor' | 'secrets'>,
  secrets: () => readonly string[],
): ReactionTarget {
  return {
    name: RESULTS,
    perHour: PER_HOUR,
    accessStamp: async () => trackerStamp(house),
    react: async (row) => {
      const { run: id, project, issue } = row.effect as PostResult;
      const run = house.ledger.runs.get(id);
      if (run === null) {
        return { kind: 'done', note: 'the run is no longer kept' };
      }
      const said = await outputOf(house, run, secrets());
      const state = run.outcome === null ? 'running' : failureName(run.outcome);
      const at = run.endedAt ?? house.clock.now();
      const body = resultText({ run: id, agent: run.agent, state, at, output: said }, secrets());
      const draft = { marker: commentMarker(`result ${id}`), body, since: run.requestedAt - CLOCK_SLACK_MS };
      const reply = await house.tracker.comment(placeOf(house, project).place, issue, { ...draft, present: 'replace' });
      return reply.kind === 'failed' ? failed(reply) : done(issue, state);
    },
  };
}

function done(issue: number, state: string): Reacted {
  return { kind: 'done', note: `#${issue} ${state}` };
}

/** What the last attempt said: the last words of an agent CLI, beginning and end of any other program's output. */
async function outputOf(
  house: Pick<House, 'ledger' | 'fleet' | 'files' | 'driverFor' | 'secrets'>,
  run: Run,
  secrets: readonly string[],
): Promise<string> {
  const attempt = lastMain(house, run);
  if (attempt === null) {
    return '';
  }
  const { files } = house;
  const driver = house.driverFor(house.fleet.agent(run.agent)?.cliTool ?? 'exec');
  const path = attempt.outPath;
  if (driver.name !== 'exec') {
    const follower = new Follower(house, driver.reader(), { out: path, err: attempt.errPath });
    await follower.finish();
    const end = { ...(attempt.exit ?? { code: null, signal: null }), stop: attempt.stop, previousTotal: null };
    return follower.reader.verdict({ ...end, endedAt: attempt.endedAt ?? 0 }).finalText ?? '';
  }
  const total = await files.size(path);
  const texts: string[] = [];
  for (const { from, bytes } of excerptReads(total)) {
    texts.push(new TextDecoder().decode(await files.read(path, from, bytes)));
  }
  return excerpt(texts, total, secrets);
}

function lastMain(house: Pick<House, 'ledger'>, run: Run): Attempt | null {
  return house.ledger.attempts.ofRun(run.id).findLast((attempt) => attempt.purpose === 'main') ?? null;
}

/** Brings the comments of living runs up to date. */
export class ResultPosts {
  readonly #house: Pick<House, 'ledger' | 'fleet' | 'clock' | 'files'>;
  readonly #recorder: Recorder;
  readonly #turns: Turns;

  constructor(
    house: Pick<House, 'ledger' | 'fleet' | 'clock' | 'files'>,
    parts: { readonly recorder: Recorder; readonly wake: () => void; readonly fail: (error: unknown) => void },
  ) {
    this.#house = house;
    this.#recorder = parts.recorder;
    this.#turns = new Turns(house.clock, async () => {
      await this.#look().then(parts.wake, parts.fail);
      return LOOK_MS;
    });
  }

  start(): void {
    this.#turns.wake();
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    await this.#turns.stop();
  }

  async #look(): Promise<void> {
    const { ledger, fleet, files } = this.#house;
    if (fleet.now.gitea === null || fleet.now.agents.every((agent) => agent.giteaIssue === null)) {
      return;
    }
    const posted = new Set(ledger.outbox.list().map((row) => (row.effect as Partial<PostResult>).run));
    // What is already to be posted will say the newest when its turn comes.
    for (const run of ledger.runs.live().filter((one) => !posted.has(one.id))) {
      const attempt = issueOf(this.#house, run) === null ? null : lastMain(this.#house, run);
      const size = attempt === null ? 0 : await files.size(attempt.outPath);
      if (attempt !== null && size > 0) {
        // Named by what there is to say: nothing new, no second row.
        this.#recorder.commit('daemon', (note) => {
          post(this.#house, { run, moment: `${attempt.id}/${size}` }, note);
        });
      }
    }
  }
}
