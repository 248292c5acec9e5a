// Decides which alerts open, change and close after one look. Pure: the same look twice opens nothing twice.

import type { Alert, AlertEnd, AlertRule, AlertSubject, Sign } from './alert.ts';
import { subjectText, watchKey } from './alert.ts';
import type { Picture } from './picture.ts';
import { agentSigns } from './rules/agents.ts';
import { factorySigns } from './rules/factory.ts';
import { projectSigns } from './rules/projects.ts';
import { REOPEN_AFTER_MS, clearMs, graceMs } from './settings.ts';

/** A condition that was seen and is not told yet; `since` may lie in the future, after a person resolved it by hand. */
export interface Pending {
  readonly rule: AlertRule;
  readonly subject: AlertSubject;
  readonly since: number;
}

/** What was before the look. */
export interface Watched {
  readonly pending: readonly Pending[];
  /** Every alert that is not closed. */
  readonly active: readonly Alert[];
}

/** What is to be written down. */
export type AlertStep =
  | ({ readonly kind: 'wait' } & Pending)
  | { readonly kind: 'forget'; readonly rule: AlertRule; readonly subject: AlertSubject }
  | { readonly kind: 'open'; readonly sign: Sign }
  /** Its words or numbers changed; the alert is the same. */
  | { readonly kind: 'renew'; readonly id: string; readonly sign: Sign }
  | { readonly kind: 'clearing'; readonly id: string; readonly since: number | null }
  | { readonly kind: 'close'; readonly id: string; readonly end: AlertEnd };

/** What all rules say of `picture`. */
export function signsOf(picture: Picture): readonly Sign[] {
  return [...agentSigns(picture), ...projectSigns(picture), ...factorySigns(picture)];
}

/**
 * What one look changes:
 * ```
 *            over            grace is over            not seen          clear time is over
 *   (well) ───────► pending ──────────────► active ─────────► clearing ───────────────────► closed
 *      ▲               │ not seen             │  ▲                │ seen                       ▲
 *      └───────────────┘                      │  └────────────────┘                            │
 *                                             └──────────── its subject is gone ───────────────┘
 * ```
 * `between` and `unknown` leave everything as it is.
 */
export function planAlerts(picture: Picture, watched: Watched): readonly AlertStep[] {
  const signs = new Map(signsOf(picture).map((sign) => [watchKey(sign), sign]));
  const unknown = new Set([...signs.values()].filter(({ level }) => level === 'unknown').map(({ rule }) => rule));
  const lives = livesIn(picture);
  const known = new Set([...watched.pending, ...watched.active].map(watchKey));
  const look: Look = { picture, signs, unknown, lives };
  return [
    ...watched.pending.flatMap((pending) => afterPending(pending, look)),
    ...watched.active.flatMap((alert) => afterActive(alert, look)),
    ...[...signs.values()]
      .filter((sign) => sign.level === 'over' && !known.has(watchKey(sign)))
      .flatMap((sign) => begun(sign, picture)),
  ];
}

interface Look {
  readonly picture: Picture;
  readonly signs: ReadonlyMap<string, Sign>;
  /** Rules of which nothing is known now. */
  readonly unknown: ReadonlySet<AlertRule>;
  readonly lives: (subject: AlertSubject) => boolean;
}

function livesIn({ agents, breakers }: Picture): Look['lives'] {
  const subjects = new Set([
    'factory',
    ...agents.map((agent) => subjectText({ kind: 'agent', name: agent.key })),
    ...breakers.map((breaker) => subjectText({ kind: 'project', name: breaker.project })),
  ]);
  return (subject) => subjects.has(subjectText(subject));
}

function begun(sign: Sign, { now, settings }: Picture): readonly AlertStep[] {
  const { rule, subject } = sign;
  return graceMs(rule, settings) === 0 ? [{ kind: 'open', sign }] : [{ kind: 'wait', rule, subject, since: now }];
}

function afterPending(pending: Pending, look: Look): readonly AlertStep[] {
  const { rule, subject, since } = pending;
  const { now, settings } = look.picture;
  const sign = look.signs.get(watchKey(pending));
  const forget: AlertStep = { kind: 'forget', rule, subject };
  if (!look.lives(subject)) {
    return [forget];
  }
  if (sign === undefined) {
    return look.unknown.has(rule) ? [] : [forget];
  }
  // A clock that was set back would make it wait for an instant that is hours away.
  if (since - now > REOPEN_AFTER_MS) {
    return [{ kind: 'wait', rule, subject, since: now }];
  }
  return sign.level === 'over' && now - since >= graceMs(rule, settings) ? [forget, { kind: 'open', sign }] : [];
}

function afterActive(alert: Alert, look: Look): readonly AlertStep[] {
  const { id, rule, subject, clearSince } = alert;
  const { now } = look.picture;
  const sign = look.signs.get(watchKey(alert));
  if (!look.lives(subject)) {
    return [{ kind: 'close', id, end: 'gone' }];
  }
  if (sign === undefined && !look.unknown.has(rule)) {
    // A clock that was set back must not keep an alert open: the time is counted anew.
    const since = clearSince === null || clearSince > now ? now : clearSince;
    if (now - since >= clearMs(rule)) {
      return [{ kind: 'close', id, end: 'over' }];
    }
    return since === clearSince ? [] : [{ kind: 'clearing', id, since }];
  }
  const seen: readonly AlertStep[] =
    clearSince !== null && sign !== undefined && sign.level !== 'unknown'
      ? [{ kind: 'clearing', id, since: null }]
      : [];
  const changed = sign?.level === 'over' && (sign.text !== alert.text || sign.severity !== alert.severity);
  return changed ? [...seen, { kind: 'renew', id, sign }] : seen;
}
