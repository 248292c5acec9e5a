// Alerts in SQLite: open and past ones, conditions that are not told yet, conversations and suggestions.

import type { Alert, AlertRule, AlertSubject } from '../../core/alert/alert.ts';
import type { AlertMessage, Suggestion } from '../../core/alert/conversation.ts';
import type { AlertPatch, AlertStore, OpenQuestion } from '../../ports/alert-store.ts';
import type { Row, Statements, Value } from './statements.ts';

/** The alert store over `sql`. */
export function alertStore(sql: Statements): AlertStore {
  return {
    ...alerts(sql),
    ...conditions(sql),
    ...conversations(sql),
    ...questions(sql),
  };
}

type Alerts = Pick<AlertStore, 'insert' | 'get' | 'active' | 'list' | 'update'>;

function alerts(sql: Statements): Alerts {
  return {
    insert: (alert) => {
      const { lastId } = sql.run(
        `INSERT INTO alerts (rule, subject_kind, subject, severity, state, text, numbers, command, runs, opened_at)
         VALUES (?,?,?,?,'open',?,?,?,?,?)`,
        alert.rule,
        alert.subject.kind,
        nameOf(alert.subject),
        alert.severity,
        alert.text,
        JSON.stringify(alert.numbers),
        alert.command,
        JSON.stringify(alert.runs),
        alert.openedAt,
      );
      const begun = { clearSince: null, closedAt: null, end: null, by: null, reason: null } as const;
      return { ...alert, id: idOf(lastId), state: 'open', ...begun };
    },
    get: (id) => one(sql.get('SELECT * FROM alerts WHERE seq = ?', seqOf(id))),
    active: () => sql.all('SELECT * FROM alerts WHERE closed_at IS NULL ORDER BY seq').map(toAlert),
    list: (limit) => sql.all('SELECT * FROM alerts ORDER BY seq DESC LIMIT ?', limit).map(toAlert),
    update: (id, patch) => {
      const keys = (Object.keys(COLUMNS) as (keyof AlertPatch)[]).filter((key) => patch[key] !== undefined);
      if (keys.length > 0) {
        const sets = keys.map((key) => `${COLUMNS[key]} = ?`).join(', ');
        sql.run(`UPDATE alerts SET ${sets} WHERE seq = ?`, ...keys.map((key) => stored(patch[key])), seqOf(id));
      }
    },
  };
}

type Conditions = Pick<AlertStore, 'pending' | 'setPending' | 'removePending'>;

function conditions(sql: Statements): Conditions {
  return {
    pending: () =>
      sql.all('SELECT * FROM alert_pending').map((row) => ({
        rule: row['rule'] as AlertRule,
        subject: subjectOf(row),
        since: Number(row['since']),
      })),
    setPending: ({ rule, subject, since }) => {
      sql.run(
        `INSERT INTO alert_pending (rule, subject_kind, subject, since) VALUES (?,?,?,?)
         ON CONFLICT DO UPDATE SET since = excluded.since`,
        rule,
        subject.kind,
        nameOf(subject),
        since,
      );
    },
    removePending: ({ rule, subject }) => {
      sql.run(
        'DELETE FROM alert_pending WHERE rule = ? AND subject_kind = ? AND subject = ?',
        rule,
        subject.kind,
        nameOf(subject),
      );
    },
  };
}

type Conversations = Pick<AlertStore, 'say' | 'messages' | 'suggest' | 'suggestions' | 'settle' | 'carriedOut'>;

function conversations(sql: Statements): Conversations {
  const suggestions: AlertStore['suggestions'] = (alert) =>
    sql.all('SELECT * FROM alert_suggestions WHERE alert = ? ORDER BY number', seqOf(alert)).map(toSuggestion);
  return {
    say: ({ alert, at, author, by, text }) => {
      sql.run(
        'INSERT INTO alert_messages (alert, at, author, by, text) VALUES (?,?,?,?,?)',
        seqOf(alert),
        at,
        author,
        by,
        text,
      );
    },
    messages: (alert, limit) =>
      sql
        .all('SELECT * FROM alert_messages WHERE alert = ? ORDER BY id DESC LIMIT ?', seqOf(alert), limit)
        .toReversed()
        .map(toMessage),
    suggest: ({ alert, action, target, why, at }) => {
      const number = suggestions(alert).length + 1;
      const fresh: Suggestion = { alert, number, action, target, why, at, state: 'offered', by: null, result: null };
      sql.run(
        `INSERT INTO alert_suggestions (alert, number, action, target, why, state, at) VALUES (?,?,?,?,?,'offered',?)`,
        seqOf(alert),
        number,
        action,
        target,
        why,
        at,
      );
      return fresh;
    },
    suggestions,
    settle: ({ alert, number, state, at, by, result }) => {
      sql.run(
        'UPDATE alert_suggestions SET state = ?, at = ?, by = ?, result = ? WHERE alert = ? AND number = ?',
        state,
        at,
        by,
        result,
        seqOf(alert),
        number,
      );
    },
    carriedOut: (by, since) =>
      Number(
        sql.get(
          "SELECT count(*) AS n FROM alert_suggestions WHERE by = ? AND at > ? AND state <> 'offered'",
          by,
          since,
        )?.['n'],
      ),
  };
}

type Questions = Pick<AlertStore, 'ask' | 'nextQuestion' | 'questionOf' | 'tokens' | 'addTokens'>;

function questions(sql: Statements): Questions {
  return {
    ask: (alert, question) => {
      sql.run(
        'UPDATE alerts SET ask_at = ?, ask_failures = ? WHERE seq = ?',
        question?.at ?? null,
        question?.failures ?? 0,
        seqOf(alert),
      );
    },
    nextQuestion: () =>
      toQuestion(sql.get('SELECT * FROM alerts WHERE ask_at IS NOT NULL ORDER BY ask_at, seq LIMIT 1')),
    questionOf: (alert) =>
      toQuestion(sql.get('SELECT * FROM alerts WHERE seq = ? AND ask_at IS NOT NULL', seqOf(alert))),
    tokens: (day) => Number(sql.get('SELECT tokens FROM model_tokens WHERE day = ?', day)?.['tokens'] ?? 0),
    addTokens: (day, tokens) => {
      sql.run(
        'INSERT INTO model_tokens (day, tokens) VALUES (?,?) ON CONFLICT DO UPDATE SET tokens = tokens + excluded.tokens',
        day,
        tokens,
      );
    },
  };
}

const COLUMNS: Readonly<Record<keyof AlertPatch, string>> = {
  severity: 'severity',
  text: 'text',
  numbers: 'numbers',
  command: 'command',
  runs: 'runs',
  state: 'state',
  clearSince: 'clear_since',
  closedAt: 'closed_at',
  end: 'ended',
  by: 'by',
  reason: 'reason',
};

function stored(value: AlertPatch[keyof AlertPatch]): Value {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null);
}

/** `a17`; what is none names no row. */
function seqOf(id: string): number {
  return /^a[1-9]\d{0,14}$/.test(id) ? Number(id.slice(1)) : 0;
}

function idOf(seq: Value | undefined): string {
  return `a${String(seq)}`;
}

function nameOf(subject: AlertSubject): string {
  return subject.kind === 'factory' ? '' : subject.name;
}

function subjectOf(row: Row): AlertSubject {
  const kind = row['subject_kind'];
  return (kind === 'factory' ? { kind } : { kind, name: row['subject'] }) as AlertSubject;
}

function one(row: Row | undefined): Alert | null {
  return row === undefined ? null : toAlert(row);
}

function toAlert(row: Row): Alert {
  return {
    id: idOf(row['seq']),
    rule: row['rule'] as AlertRule,
    subject: subjectOf(row),
    severity: row['severity'] as Alert['severity'],
    state: row['state'] as Alert['state'],
    text: String(row['text']),
    numbers: JSON.parse(String(row['numbers'])) as Alert['numbers'],
    command: String(row['command']),
    runs: JSON.parse(String(row['runs'])) as Alert['runs'],
    openedAt: Number(row['opened_at']),
    clearSince: row['clear_since'] as number | null,
    closedAt: row['closed_at'] as number | null,
    end: row['ended'] as Alert['end'],
    by: row['by'] as string | null,
    reason: row['reason'] as string | null,
  };
}

function toMessage(row: Row): AlertMessage {
  return {
    alert: idOf(row['alert']),
    at: Number(row['at']),
    author: row['author'] as AlertMessage['author'],
    by: String(row['by']),
    text: String(row['text']),
  };
}

function toSuggestion(row: Row): Suggestion {
  return {
    alert: idOf(row['alert']),
    number: Number(row['number']),
    action: row['action'] as Suggestion['action'],
    target: String(row['target']),
    why: String(row['why']),
    state: row['state'] as Suggestion['state'],
    at: Number(row['at']),
    by: row['by'] as string | null,
    result: row['result'] as string | null,
  };
}

function toQuestion(row: Row | undefined): OpenQuestion | null {
  return row === undefined
    ? null
    : { alert: idOf(row['seq']), at: Number(row['ask_at']), failures: Number(row['ask_failures']) };
}
