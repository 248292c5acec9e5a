// What a channel is told of an alert: one message that is whole by itself, redacted and cut before it is stored.

import { cutMiddle } from '../../lib/cut-text.ts';
import { printable } from '../react/untrusted-text.ts';
import { redact } from '../redact.ts';
import type { Alert } from './alert.ts';
import { subjectText } from './alert.ts';
import type { Suggestion } from './conversation.ts';

/** What happened to the alert. */
export type NoticeEvent = 'opened' | 'explained' | 'dismissed' | 'closed';

/** One message. `id` is the same in every try to deliver it. */
export interface Notice {
  readonly id: string;
  readonly event: NoticeEvent;
  readonly factory: string;
  readonly alert: {
    readonly id: string;
    readonly rule: Alert['rule'];
    readonly subject: string;
    readonly severity: Alert['severity'];
    readonly state: Alert['state'];
    /** Epoch ms. */
    readonly openedAt: number;
    readonly closedAt: number | null;
    readonly end: Alert['end'];
    readonly runs: readonly string[];
  };
  /** One line. */
  readonly title: string;
  /** What is known beyond it; may be empty. */
  readonly text: string;
  /** What to type to see it whole. */
  readonly command: string;
}

/** Bytes of a title and of a text at most. */
const TITLE_BYTES = 400;
const TEXT_BYTES = 6000;

const WORD: Readonly<Record<NoticeEvent, (alert: Alert) => string>> = {
  opened: (alert) => alert.severity,
  explained: () => 'explained',
  dismissed: () => 'dismissed',
  closed: (alert) => (alert.end === 'resolved' ? 'resolved' : 'over'),
};

/** The message that tells `event` of `alert`. */
export function noticeOf(
  event: NoticeEvent,
  alert: Alert,
  given: {
    readonly id: string;
    readonly factory: string;
    readonly secrets: readonly string[];
    readonly explanation?: string;
    readonly suggestions?: readonly Suggestion[];
  },
): Notice {
  const { id, factory, secrets, explanation = '', suggestions = [] } = given;
  const clean = (text: string, bytes: number): string => cutMiddle(printable(redact(text, secrets)), bytes);
  const offers = suggestions.map(
    ({ number, action, target, why }) =>
      `${number}. ${action} ${target}: ${why} → adf alerts fix ${alert.id} ${number}`,
  );
  const title = `[${factory}] ${WORD[event](alert)}: ${alert.text}`;
  return {
    id,
    event,
    factory,
    alert: {
      id: alert.id,
      rule: alert.rule,
      subject: subjectText(alert.subject),
      severity: alert.severity,
      state: alert.state,
      openedAt: alert.openedAt,
      closedAt: alert.closedAt,
      end: alert.end,
      runs: alert.runs,
    },
    title: clean(title.replace(/\s+/g, ' '), TITLE_BYTES).replace(/\n/g, ' '),
    text: clean([explanation, ...offers].filter((line) => line !== '').join('\n'), TEXT_BYTES),
    command: `adf alerts show ${alert.id}`,
  };
}
