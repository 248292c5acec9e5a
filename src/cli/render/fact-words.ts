// Says what each kind of fact means in one word and one line; every kind is here, so that none can be forgotten.

import type { Outcome } from '../../core/run/outcome.ts';
import type { RecordedFact } from '../../core/run/facts.ts';
import type { Trigger } from '../../core/run/run.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import { formatBytes } from '../../lib/bytes.ts';
import { formatDuration } from '../../lib/duration.ts';
import { reactionDoing, reactionDone } from './reaction-text.ts';
import type { Tone } from './style.ts';
import type { Times } from './times.ts';
import { counted } from '../../lib/counted.ts';
import { exitWord, outcomeTone, outcomeWord, reasonText, reasonsText, wallText, withCommand } from './words.ts';

/** A fact for people. `detail`: only of interest to who looks for it. */
export interface FactWords {
  readonly word: string;
  readonly text: string;
  readonly tone: Tone;
  readonly detail?: true;
  /** What stands below it, line by line. */
  readonly below?: readonly string[];
}

/** What else is known where a fact is told; a client of the socket knows less than the daemon. */
export interface FactContext {
  readonly times: Times;
  readonly trigger?: Trigger | undefined;
  readonly limits?: { readonly memoryBytes: number; readonly wallMs: number } | undefined;
}

type FactOf<Kind extends RecordedFact['kind']> = Extract<RecordedFact, { readonly kind: Kind }>;
type Words = { readonly [Kind in RecordedFact['kind']]: (fact: FactOf<Kind>, known: FactContext) => FactWords };

/** Characters of a configuration's hash that tell it from the others of a day. */
const HASH_SHOWN = 8;

/** A note that says no more than that nothing was found. */
const PLAIN_EXIT = /^exit \d+$/;
/** How the note of a run begins that was stopped: the outcome says it better. */
const STOPPED = /^stopped \([a-z_]+\), /;

const plain = (word: string, text: string): FactWords => ({ word, text, tone: 'plain' });
const good = (word: string, text: string): FactWords => ({ word, text, tone: 'good' });
const care = (word: string, text: string): FactWords => ({ word, text, tone: 'care' });
const bad = (word: string, text: string): FactWords => ({ word, text, tone: 'bad' });
const detail = (word: string, text: string): FactWords => ({ word, text, tone: 'faint', detail: true });

const PURPOSES = { main: '', precheck: 'pre-check', workspace: 'workspace', tidy: 'tidying up' } as const;

function branchText(branch: string | null): string {
  return branch === null ? '' : `, branch ${branch}`;
}

const WORDS: Words = {
  'run.requested': (fact, { times }) => detail('requested', triggerText(fact.trigger, times)),
  'run.admitted': () => detail('admitted', ''),
  'run.deferred': (fact, { times }) => care('waiting', withCommand(reasonsText(fact.reasons, times), whyOf(fact))),
  'run.refused': (fact, { times }) => care('refused', withCommand(reasonsText(fact.reasons, times), whyOf(fact))),
  'run.retrying': (fact, { times }) => care('retrying', `at ${times.time(fact.notBefore)}: ${fact.reason}`),
  'run.restored': (fact) => detail('restored', fact.reason),
  'run.ended': (fact) => ended(fact),
  'slots.refused': (fact, { times }) =>
    care('refused', withCommand(`slot ${times.time(fact.from)}: ${reasonsText(fact.reasons, times)}`, whyOf(fact))),
  'slots.missed': (fact, { times }) =>
    care(
      'missed',
      `${counted(fact.count, 'slot')} (${times.time(fact.from)} to ${times.time(fact.to)}): ${reasonText(fact.reason, times)}`,
    ),
  'attempt.starting': (fact) => detail('starting', PURPOSES[fact.purpose]),
  'workspace.ready': (fact) => detail('folder', `${fact.path}${branchText(fact.branch)}`),
  'workspace.kept': (fact) => detail('kept', `${fact.path} (${formatBytes(fact.bytes)})${branchText(fact.branch)}`),
  'workspace.gone': (fact) => detail('tidied', `${fact.path} is gone${branchText(fact.branch)}`),
  'workspace.stuck': (fact, { times }) =>
    care('untidy', `${fact.path}: ${fact.message}; tried again at ${times.time(fact.retryAt)}`),
  'attempt.started': (fact, known) => started(fact, known),
  'attempt.stop_asked': (fact) => detail('to stop', stopText(fact.reason)),
  'attempt.stopping': (fact) => care('stopping', stopText(fact.reason)),
  'attempt.ended': (fact) =>
    detail('exited', `${exitWord(fact.exit)} after ${formatDuration(fact.durationMs)}${leftText(fact.survivors)}`),
  'clock.stepped': (fact) =>
    care('clock', `stepped ${fact.byMs < 0 ? 'back' : 'on'} by ${formatDuration(Math.abs(fact.byMs))}`),
  'scheduler.late': (fact) => care('late', `the scheduler was held up for ${formatDuration(fact.byMs)}`),
  'daemon.started': (fact) => good('up', `${fact.version}, pid ${fact.pid}, ${counted(fact.held, 'run')} taken over`),
  'daemon.silent': (fact, { times }) =>
    bad('silent', `no pass of the scheduler for ${formatDuration(fact.forMs)} from ${times.time(fact.since)} on`),
  'daemon.stopped': (fact) => plain('down', fact.how),
  'config.loaded': (fact) =>
    plain(
      'loaded',
      `${fact.hash.slice(0, HASH_SHOWN)}: ${fact.added.length} added, ${fact.changed.length} changed, ${fact.removed.length} removed`,
    ),
  'config.rejected': (fact) =>
    withProblems(bad('rejected', rejectedText(fact.errors)), fact.errors, [fact.first, ...(fact.rest ?? [])]),
  'config.warned': (fact) =>
    withProblems(plain('warned', counted(fact.warnings, 'warning')), fact.warnings, [fact.first, ...fact.rest]),
  'reconcile.started': (fact) =>
    detail(
      'applying',
      `plan ${fact.plan.slice(0, HASH_SHOWN)} for ${fact.by}, attempt ${fact.number} of ${fact.of}: ${changesText(fact)}`,
    ),
  'reconcile.ended': (fact) =>
    fact.success
      ? good('applied', `for ${fact.by}: ${changesText(fact)}`)
      : bad('unapplied', withCommand(`for ${fact.by}: ${fact.errors.join(' · ')}`, 'adf drift')),
  'pause.set': (fact) =>
    bad(
      'paused',
      `flag ${fact.flag} put there by ${fact.owner === 'breaker' ? 'the breaker' : 'a person'} → adf resume ${fact.flag}`,
    ),
  'pause.lifted': (fact) => good('resumed', `flag ${fact.flag} removed by ${fact.by}`),
  'breaker.counted': (fact) => care('counted', `failure ${fact.failures} of ${fact.threshold}: ${fact.class}`),
  'breaker.opened': (fact) => bad('opened', withCommand(`breaker: ${fact.reason}`, breakerOf(fact))),
  'breaker.half_opened': (fact) => care('half open', `${fact.reason}; the next counted run decides`),
  'breaker.success_noted': () => plain('noted', 'a run that began before the breaker opened succeeded'),
  'breaker.closed': (fact) => good('closed', `breaker: ${fact.reason}`),
  'breaker.isolated': (fact) => bad('isolated', withCommand(`by hand: ${fact.reason}`, breakerOf(fact))),
  'quarantine.opened': (fact) =>
    bad(
      'held',
      withCommand(`quarantine: ${fact.reason}`, fact.agent === undefined ? null : `adf release ${fact.agent}`),
    ),
  'quarantine.released': (fact) => good('released', fact.reason),
  'budget.near': (fact) => care('budget', withCommand(`${fact.budget} is nearly spent: ${fact.text}`, 'adf budget')),
  'budget.spent': (fact) => bad('budget', withCommand(`${fact.budget} is spent: ${fact.text}`, 'adf budget')),
  'budget.overridden': (fact, { times }) =>
    care('budget', `${fact.budget} ×${fact.factor} until ${times.time(fact.until)} by ${fact.by}: ${fact.reason}`),
  'provider.held': (fact, { times }) =>
    care('held', `account ${fact.account} until ${times.time(fact.until)}: ${fact.class}, ${fact.reason}`),
  'provider.probing': (fact) => care('tried', `account ${fact.account}: this run shows whether it works again`),
  'provider.credential': (fact) =>
    care('tried', `account ${fact.account}: its login is another one, the next run tries it`),
  'provider.released': (fact) => good('works', `account ${fact.account}: ${fact.reason}`),
  'escalation.opened': (fact) => bad('escalated', withCommand(fact.reason, 'adf issues')),
  'escalation.closed': (fact) => good('settled', fact.reason),
  'reaction.done': (fact) => plain(fact.target, reactionDone(fact.effect, fact.note)),
  'reaction.failed': (fact, { times }) =>
    care(fact.target, `${reactionDoing(fact.effect)} failed, again at ${times.time(fact.retryAt)}: ${fact.message}`),
  'reaction.parked': (fact) =>
    bad(fact.target, withCommand(`${reactionDoing(fact.effect)} waits for a person: ${fact.message}`, 'adf outbox')),
  'starts.held': (fact, { times }) =>
    bad(
      'held',
      `${fact.count} runs were killed from outside within 30 s: nothing is started before ${times.time(fact.until)}`,
    ),
  'host.died': (fact) =>
    bad('lost', `the process that held ${counted(fact.attempts, 'run')} died; they are watched from here on`),
  'stray.found': (fact) => bad('stray', `process ${fact.pid} carries our mark and belongs to no run; it is left alone`),
  'drain.started': (fact) => care('draining', `asked by ${fact.by} → adf drain --end lets it go on`),
  'drain.ended': (fact) => good('goes on', `asked by ${fact.by}`),
  'storage.failed': (fact) => bad('storage', withCommand(fact.message, 'adf doctor')),
  'storage.recovered': () => good('storage', 'can be written again'),
  'alert.opened': (fact) => bad('alert', withCommand(fact.text, `adf alerts show ${fact.alert}`)),
  'alert.closed': (fact) => good('alert', `${fact.alert} ${endWord(fact.end)}`),
  'alert.acked': (fact) => plain('alert', `${fact.alert} is seen to by ${fact.by}`),
  'alert.dismissed': (fact) => plain('alert', `${fact.alert} was dismissed by ${fact.by}`),
  'alert.explained': (fact) =>
    plain('alert', withCommand(`${fact.alert} is explained`, `adf alerts show ${fact.alert}`)),
  'alert.unexplained': (fact) => detail('alert', `${fact.alert} is not explained: ${fact.message}`),
  'alert.remedied': (fact) =>
    (fact.ok ? good : care)('remedy', `${fact.action} ${fact.target} for ${fact.alert}, by ${fact.by}: ${fact.result}`),
  'flag.unknown': (fact) =>
    care('flag', `"${fact.flag}" pauses nothing${fact.nearest === null ? '' : `; did you mean "${fact.nearest}"?`}`),
};

/** The words for `fact`. */
export function factWords(fact: RecordedFact, known: FactContext): FactWords {
  const words = WORDS[fact.kind] as (fact: RecordedFact, known: FactContext) => FactWords;
  return words(fact, known);
}

function endWord(end: FactOf<'alert.closed'>['end']): string {
  return end === 'over' ? 'is over' : end === 'gone' ? 'is over: its subject is gone' : 'was resolved by a person';
}

function whyOf(fact: RecordedFact): string | null {
  return fact.agent === undefined ? null : `adf why ${fact.agent}`;
}

function breakerOf(fact: RecordedFact): string | null {
  return fact.project === undefined ? null : `adf breaker show ${fact.project}`;
}

function triggerText(trigger: Trigger, times: Times): string {
  switch (trigger.kind) {
    case 'slot':
      return `slot ${times.time(trigger.slotAt)}`;
    case 'event':
      return `event ${trigger.event}`;
    case 'safety':
    case 'operator':
    case 'probe':
      return trigger.kind;
  }
}

/** A pre-check is an attempt of its own, of no interest while it goes well; its id ends with a p. */
function started(fact: FactOf<'attempt.started'>, known: FactContext): FactWords {
  const parts = [
    ...(known.trigger === undefined ? [] : [triggerText(known.trigger, known.times)]),
    ...(known.limits === undefined
      ? [`pid ${fact.pid}`]
      : [formatBytes(known.limits.memoryBytes), wallText(known.limits.wallMs)]),
  ];
  if (fact.attempt?.endsWith('p') === true) {
    return detail('pre-check', `pid ${fact.pid}`);
  }
  return plain('started', parts.join(' · '));
}

function ended(fact: FactOf<'run.ended'>): FactWords {
  const { outcome } = fact;
  const reason = outcomeReason(outcome);
  const last = fact.note?.replace(STOPPED, '') ?? null;
  const note = last === null || PLAIN_EXIT.test(last) || reason.endsWith(last) ? null : last;
  const parts = [
    ...(fact.durationMs === null ? [] : [formatDuration(fact.durationMs)]),
    ...(fact.peakMemoryBytes === null ? [] : [`peak ${formatBytes(fact.peakMemoryBytes)}`]),
    ...(reason === '' ? [] : [reason]),
    ...(note === null ? [] : [note]),
  ];
  const looks = outcome.kind !== 'succeeded' || note !== null;
  const show = looks && fact.run !== undefined ? `adf show ${fact.run}` : null;
  const word = outcome.kind === 'canceled' ? 'stopped' : outcomeWord(outcome.kind);
  return { word, text: withCommand(parts.join(' · '), show), tone: outcomeTone(outcome.kind) };
}

/** As `adf check` says it, and what holds meanwhile. */
function rejectedText(errors: number): string {
  return `${counted(errors, 'error')}; the last good configuration stays in force → adf check`;
}

/** `words` with those of `count` problems that are told, each in a line below. */
function withProblems(words: FactWords, count: number, told: readonly string[]): FactWords {
  const more = count - told.length;
  return { ...words, below: [...told, ...(more > 0 ? [`and ${more} more`] : [])] };
}

function outcomeReason(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'succeeded':
      return '';
    case 'failed':
      return outcome.reason === '' ? outcome.class : `${outcome.class}: ${outcome.reason}`;
    case 'canceled':
      // Whatever is not a person's wish says itself whose it is.
      return outcome.by === 'operator' || outcome.reason === ''
        ? [outcome.by, outcome.reason].filter((part) => part !== '').join(': ')
        : outcome.reason;
    case 'lost':
      return outcome.reason === '' ? outcome.cause : `${outcome.cause}: ${outcome.reason}`;
    case 'timed_out':
    case 'stalled':
      return outcome.reason;
    case 'refused':
      return outcome.reasons.map((reason) => `${reason.code}: ${reason.text}`).join(' · ');
  }
}

function stopText(reason: StopReason): string {
  switch (reason.kind) {
    case 'wall':
      return `after ${formatDuration(reason.limitMs)}, its wall clock limit`;
    case 'cpu':
      return `${formatDuration(reason.usedMs)} of processor time, limit ${formatDuration(reason.limitMs)}`;
    case 'memory':
    case 'output':
      return `${reason.kind} ${formatBytes(reason.usedBytes)}, limit ${formatBytes(reason.limitBytes)}`;
    case 'stall':
      return `silent for ${formatDuration(reason.silentMs)}, limit ${formatDuration(reason.limitMs)}`;
    case 'first_output':
      return `nothing printed within ${formatDuration(reason.limitMs)}`;
    case 'driver':
      return reason.advice;
    case 'budget':
      return reason.text;
    case 'finished':
    case 'parked':
    case 'operator':
      return `${reason.kind}: ${reason.note}`;
    case 'drain':
    case 'shutdown':
    case 'replaced':
    case 'paused':
    case 'removed':
    case 'stale':
    case 'redefined':
      return reason.kind;
  }
}

function changesText(counts: { readonly created: number; readonly updated: number; readonly deleted: number }): string {
  return `${counts.created} created, ${counts.updated} updated, ${counts.deleted} deleted`;
}

function leftText(survivors: number): string {
  return survivors === 0 ? '' : `; ${survivors} of its processes left, killed`;
}
