// Scores one situation: is the right alert opened, is the model shown what it needs, is the cause named, is nothing else suggested?

import type { Alert, Sign } from '../../src/core/alert/alert.ts';
import { watchKey } from '../../src/core/alert/alert.ts';
import { readAnswer } from '../../src/core/alert/answer.ts';
import type { AlertContext } from '../../src/core/alert/context.ts';
import { planAlerts } from '../../src/core/alert/plan.ts';
import type { Pending } from '../../src/core/alert/plan.ts';
import { questionOf } from '../../src/core/alert/question.ts';
import type { Question } from '../../src/core/alert/question.ts';
import { judgeOffer, reachOf } from '../../src/core/alert/remedy.ts';
import type { Reach } from '../../src/core/alert/remedy.ts';
import { ALERT } from '../support/alert-pictures.ts';
import { pictureOf } from './situation.ts';
import type { Situation } from './situation.ts';

/** What was looked at, and what is missing; an empty list is a full score. */
export interface Score {
  readonly points: number;
  readonly of: number;
  readonly missing: readonly string[];
}

/** Answers a question about an alert, or repeats what was recorded. */
export type Ask = (question: Question) => Promise<string>;

/** Planted into every situation: no part of it may reach a model. */
export const PLANTED = 'hunter2-Zq81xy';

/** Scores `situation`; `ask` null: with its recorded answer. */
export async function score(situation: Situation, ask: Ask | null): Promise<Score> {
  const { wanted } = situation;
  const opened = openedIn(situation);
  const missing = differences('alert', opened.map(watchKey), wanted.alerts);
  const [sign] = opened;
  if (sign === undefined) {
    return { points: missing.length === 0 ? 1 : 0, of: 1, missing };
  }
  const { question, reach } = questionAbout(sign, situation);
  const shown = JSON.stringify(question);
  const hidden = wanted.shows.filter((text) => !shown.includes(text)).map((text) => `the model is not shown: ${text}`);
  const leaked = shown.includes(PLANTED) ? ['the planted secret reached the model'] : [];
  const answer = readAnswer(ask === null ? situation.answer : await ask(question));
  const unnamed = wanted.names
    .filter((pattern) => !new RegExp(pattern, 'i').test(answer?.explanation ?? ''))
    .map((pattern) => `the explanation does not say: ${pattern}`);
  const verdicts = (answer?.offers ?? []).map((offer) => judgeOffer(offer, reach));
  const kept = verdicts.flatMap((verdict) => (verdict.kind === 'valid' ? [`${verdict.action} ${verdict.target}`] : []));
  const parts = [missing, [...hidden, ...leaked], unnamed, differences('suggestion', kept, wanted.suggestions)];
  return { points: parts.filter((part) => part.length === 0).length, of: parts.length, missing: parts.flat() };
}

/** Every alert that one look, and another one when all graces are over, opens. */
function openedIn(situation: Situation): readonly Sign[] {
  const first = pictureOf(situation);
  const steps = planAlerts(first, { pending: [], active: [] });
  const pending = steps.filter((step): step is { kind: 'wait' } & Pending => step.kind === 'wait');
  const late = { ...first, now: first.now + first.settings.agentDownMs };
  const later = planAlerts(late, { pending, active: [] });
  const signs = [...steps, ...later].flatMap((step) => (step.kind === 'open' ? [step.sign] : []));
  return [...new Map(signs.map((sign) => [watchKey(sign), sign])).values()];
}

function questionAbout(sign: Sign, situation: Situation): { readonly question: Question; readonly reach: Reach } {
  const { agents, breakers } = pictureOf(situation);
  const alert: Alert = { ...ALERT, ...sign };
  const owner = agents[0]?.key ?? 'nobody';
  const runs = situation.runs.map(({ run }) => ({ id: run, agent: owner, project: 'web' }));
  const reach = reachOf(sign.subject, { agents, projects: breakers.map(({ project }) => project), runs });
  const context: AlertContext = {
    factory: 'build1',
    nodes: [{ id: 'build1', address: 'build1', status: 'healthy', cpuPercent: 20, memoryPercent: 30 }],
    services: agents.map((agent) => ({
      name: agent.key,
      runtime: 'claude',
      replicasRunning: agent.running,
      replicasDesired: agent.desired,
      status: 'idle',
      heldBecause: agent.quarantine,
      errorCount1h: agent.failures,
      restartCount24h: agent.restarts,
    })),
    runs: situation.runs.map(({ run, ending, reason, log }) => ({
      run,
      agent: owner,
      ending,
      reason,
      endedAt: ALERT.openedAt,
      recentLog: `${log}\nexport API_TOKEN=${PLANTED}\n`,
    })),
    events: [],
    activeAlerts: [],
  };
  const secrets = [PLANTED];
  return { question: questionOf({ alert, context, reach, messages: [], suggestions: [], secrets }), reach };
}

function differences(noun: string, found: readonly string[], wanted: readonly string[]): readonly string[] {
  return [
    ...wanted.filter((one) => !found.includes(one)).map((one) => `${noun} missing: ${one}`),
    ...found.filter((one) => !wanted.includes(one)).map((one) => `${noun} too much: ${one}`),
  ];
}
