// A recorded situation: what the factory saw, what a model answered, and what a person would have wanted of both.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentPicture, BreakerPicture, Picture } from '../../src/core/alert/picture.ts';
import { agentPicture, breakerPicture, picture } from '../support/alert-pictures.ts';

/** One of test/eval/situations. Whatever it does not name is well. */
export interface Situation {
  readonly title: string;
  readonly seen: Partial<Omit<Picture, 'agents' | 'breakers'>> & {
    readonly agents?: readonly Partial<AgentPicture>[];
    readonly breakers?: readonly Partial<BreakerPicture>[];
  };
  /** What was printed and recorded, by run. */
  readonly runs: readonly {
    readonly run: string;
    readonly ending: string;
    readonly reason: string;
    readonly log: string;
  }[];
  /** What a model answered, word for word. */
  readonly answer: string;
  readonly wanted: {
    /** Alerts that must open, each `rule subject`; none: it must stay silent. */
    readonly alerts: readonly string[];
    /** Patterns that the explanation must match, so that it names the cause. */
    readonly names: readonly string[];
    /** Suggestions that must be left after they were judged, each `action target`. */
    readonly suggestions: readonly string[];
    /** Text of the log that the model must be shown. */
    readonly shows: readonly string[];
  };
}

const DIR = join(import.meta.dirname, 'situations');

/** All situations by the name of their file. */
export function situations(): ReadonlyMap<string, Situation> {
  return new Map(
    readdirSync(DIR)
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => [
        name.replace(/\.json$/, ''),
        JSON.parse(readFileSync(join(DIR, name), 'utf8')) as unknown as Situation,
      ]),
  );
}

/** What the rules look at. */
export function pictureOf({ seen }: Situation): Picture {
  const { agents, breakers, ...rest } = seen;
  return picture({
    ...rest,
    ...(agents === undefined ? {} : { agents: agents.map((agent) => agentPicture(agent)) }),
    ...(breakers === undefined ? {} : { breakers: breakers.map((breaker) => breakerPicture(breaker)) }),
  });
}
