// Issues of the local tracker in SQLite.

import type { IssueStore, StoredComment, StoredIssue } from '../../ports/issue-store.ts';
import type { Row, Statements, Value } from './statements.ts';

/** The issue store over `sql`; each call is one transaction, or part of the one that is open. */
export function issueStore(sql: Statements, transact: <Result>(work: () => Result) => Result): IssueStore {
  const get = (number: number): StoredIssue | null => one(sql.get('SELECT * FROM issues WHERE number = ?', number));
  const byMarker = (marker: string): StoredIssue | null =>
    one(sql.get('SELECT * FROM issues WHERE marker = ?', marker));
  return {
    insert: (issue) =>
      transact(() => {
        // Looked up first: a conflicting INSERT would use up a number, and people count on the next one.
        const present = byMarker(issue.marker);
        if (present !== null) {
          return present;
        }
        const { lastId } = sql.run(
          `INSERT INTO issues (project, marker, title, body, state, labels, assignees, created_at, updated_at)
           VALUES (?,?,?,?,'open',?,?,?,?)`,
          issue.project,
          issue.marker,
          issue.title,
          issue.body,
          JSON.stringify(issue.labels),
          JSON.stringify(issue.assignees),
          issue.createdAt,
          issue.createdAt,
        );
        return { ...issue, number: lastId, state: 'open', updatedAt: issue.createdAt };
      }),
    get,
    byMarker,
    list: (filter) => {
      const where = ['1 = 1'];
      const values: Value[] = [];
      for (const [column, value] of [
        ['project', filter.project],
        ['state', filter.state],
      ] as const) {
        if (value !== null) {
          where.push(`${column} = ?`);
          values.push(value);
        }
      }
      return sql
        .all(`SELECT * FROM issues WHERE ${where.join(' AND ')} ORDER BY number DESC LIMIT ?`, ...values, filter.limit)
        .map(toIssue);
    },
    change: (number, change) =>
      transact(() => {
        sql.run(
          'UPDATE issues SET state = coalesce(?, state), body = coalesce(?, body), updated_at = ? WHERE number = ?',
          change.state ?? null,
          change.body ?? null,
          change.at,
          number,
        );
        return get(number);
      }),
    comments: (issue) => sql.all('SELECT * FROM issue_comments WHERE issue = ? ORDER BY id', issue).map(toComment),
    putComment: (comment) => transact(() => (get(comment.issue) === null ? null : put(sql, comment))),
  };
}

function put(sql: Statements, comment: Parameters<IssueStore['putComment']>[0]): StoredComment {
  const { issue, marker, body, at } = comment;
  const found =
    marker === null ? undefined : sql.get('SELECT * FROM issue_comments WHERE issue = ? AND marker = ?', issue, marker);
  if (found !== undefined && (comment.present === 'keep' || found['body'] === body)) {
    return toComment(found);
  }
  sql.run('UPDATE issues SET updated_at = ? WHERE number = ?', at, issue);
  if (found !== undefined) {
    sql.run('UPDATE issue_comments SET body = ?, updated_at = ? WHERE id = ?', body, at, Number(found['id']));
    return { ...toComment(found), body, updatedAt: at };
  }
  const { lastId } = sql.run(
    'INSERT INTO issue_comments (issue, marker, body, created_at, updated_at) VALUES (?,?,?,?,?)',
    issue,
    marker,
    body,
    at,
    at,
  );
  return { id: lastId, issue, marker, body, createdAt: at, updatedAt: at };
}

function one(row: Row | undefined): StoredIssue | null {
  return row === undefined ? null : toIssue(row);
}

function toIssue(row: Row): StoredIssue {
  return {
    number: Number(row['number']),
    project: row['project'] as string | null,
    marker: String(row['marker']),
    title: String(row['title']),
    body: String(row['body']),
    labels: JSON.parse(String(row['labels'])) as string[],
    assignees: JSON.parse(String(row['assignees'])) as string[],
    state: row['state'] as StoredIssue['state'],
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
  };
}

function toComment(row: Row): StoredComment {
  return {
    id: Number(row['id']),
    issue: Number(row['issue']),
    marker: row['marker'] as string | null,
    body: String(row['body']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
  };
}
