// Draws alerts: a list, or one with its conversation, its suggestions and what to type.

import { printable } from '../../core/react/untrusted-text.ts';
import type { AlertDetail, AlertView } from '../../http/contract.ts';
import type { Look } from './look.ts';
import type { Tone } from './style.ts';
import { table } from './table.ts';
import { oneLine } from './text.ts';

const TONES: Readonly<Record<AlertView['severity'], Tone>> = { critical: 'bad', warning: 'care' };

/** The table of `adf alerts`. */
export function renderAlerts(alerts: readonly AlertView[], look: Look): readonly string[] {
  if (alerts.length === 0) {
    return ['no alerts; those that are over: adf alerts list --all'];
  }
  const rows = alerts.map((alert) => [
    alert.id,
    { text: stateWord(alert), tone: alert.state === 'open' ? TONES[alert.severity] : ('faint' as const) },
    look.times.time(alert.openedAt),
    alert.subject,
    `${alert.text} → adf alerts show ${alert.id}`,
  ]);
  return table(['ALERT', 'STATE', 'SINCE', 'ABOUT', 'WHAT'], rows, look);
}

/** The lines of `adf alerts show`, and of everything that was done to one. */
export function renderAlert(detail: AlertDetail, look: Look): readonly string[] {
  const { alert, messages } = detail;
  const tone = alert.state === 'open' ? TONES[alert.severity] : 'faint';
  const closed = alert.closedAt === null ? '' : ` until ${look.times.time(alert.closedAt)}`;
  const said = messages.flatMap(({ at, author, by, text }) => [
    '',
    look.style(
      'faint',
      oneLine(
        `– ${look.times.time(at)} ${author === 'model' ? `model ${by}` : author === 'factory' ? 'factory' : by} –`,
      ),
    ),
    ...printable(text).trim().split('\n'),
  ]);
  return [
    `${look.style('strong', alert.id)}  ${look.style(tone, stateWord(alert))}  ${oneLine(alert.subject)}  since ${look.times.time(alert.openedAt)}${closed}`,
    `  ${oneLine(alert.text)}`,
    ...(alert.by === null ? [] : [`  ${movedBy(alert)}`]),
    ...(alert.runs.length === 0 ? [] : [`  runs: ${alert.runs.map((run) => `adf show ${run}`).join(', ')}`]),
    ...said,
    ...suggestionLines(detail, look),
    ...explainingLines(detail, look),
    '',
    `next: ${commandsOf(detail).join(' · ')}`,
  ];
}

/** Critical while nobody sees to it; otherwise what became of it. */
function stateWord({ state, severity, end }: AlertView): string {
  if (state === 'closed') {
    return end === 'resolved' ? 'resolved' : 'over';
  }
  return state === 'open' ? severity : state;
}

function movedBy({ state, by, reason, end }: AlertView): string {
  const word = state === 'closed' && end === 'resolved' ? 'resolved' : state === 'closed' ? 'seen to' : state;
  return oneLine(`${word} by ${by ?? ''}${reason === null ? '' : `: ${reason}`}`);
}

function suggestionLines({ alert, suggestions }: AlertDetail, look: Look): readonly string[] {
  if (suggestions.length === 0) {
    return [];
  }
  const lines = suggestions.map(({ number, action, target, why, state, by, result }) => {
    const what = oneLine(`${number}. ${action} ${target}${why === '' ? '' : `: ${why}`}`);
    if (state === 'offered') {
      return `  ${what} → adf alerts fix ${alert.id} ${number}`;
    }
    const came = `${state} by ${by ?? ''}: ${result ?? 'its end is unknown'}`;
    return `  ${what}  ${look.style(state === 'done' ? 'good' : 'care', oneLine(came))}`;
  });
  return ['', look.style('strong', 'suggested'), ...lines];
}

function explainingLines({ alert, explaining, messages }: AlertDetail, look: Look): readonly string[] {
  switch (explaining.kind) {
    case 'asked':
      return [
        '',
        explaining.failures === 0
          ? `the model is being asked; look again: adf alerts show ${alert.id}`
          : `the model did not answer (${explaining.failures} of 3); asked again at ${look.times.time(explaining.at)}`,
      ];
    case 'none':
      return messages.length === 0 ? ['', 'nobody explains it: agents.toml has no [ai] → adf explain ai'] : [];
    case 'settled':
      return [];
  }
}

function commandsOf({ alert, explaining }: AlertDetail): readonly string[] {
  if (alert.state === 'closed') {
    return [alert.command];
  }
  const reply = explaining.kind === 'none' ? [] : [`adf alerts reply ${alert.id} TEXT`];
  const acks = alert.state === 'open' ? [`adf alerts ack ${alert.id}`, `adf alerts dismiss ${alert.id}`] : [];
  return [alert.command, ...reply, ...acks, `adf alerts resolve ${alert.id}`];
}
