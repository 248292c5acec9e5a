// The double's labels: names need not be unique, unknown ones are dropped without a word.

import { decode, pageOf, refusal, required, signedIn, type Exchange, type Reply } from './exchange.ts';
import { issueOf, withoutRivals } from './issues.ts';
import { labelShape, labelShapes } from './shapes.ts';
import { mayWrite, type Issue, type Label } from './world.ts';

/** GET …/labels */
export function listLabels(exchange: Exchange): Reply {
  const { repository, view } = exchange;
  const { items, headers } = pageOf(exchange, labelShapes(view, repository, repository.labels), false);
  return { status: 200, headers, body: items };
}

/** POST …/labels */
export function createLabel(exchange: Exchange): Reply {
  const { repository, view, world } = exchange;
  const user = signedIn(exchange);
  const sent = decode(exchange, 'CreateLabelOption', {
    name: 'string',
    color: 'string',
    description: 'string',
    exclusive: 'bool',
  });
  const name = required(exchange, sent['name'], 'Name');
  const color = required(exchange, sent['color'], 'Color');
  if (!mayWrite(repository, user)) {
    throw refusal(view, 403, 'user should have a permission to write to a repo');
  }
  const label = world.addLabel(repository, {
    name,
    color: sixDigits(exchange, color),
    exclusive: sent['exclusive'] === true,
    description: (sent['description'] ?? '') as string,
  });
  return { status: 201, body: labelShape(view, repository, label) };
}

/** GET …/labels/{id} */
export function getLabel(exchange: Exchange): Reply {
  return { status: 200, body: labelShape(exchange.view, exchange.repository, labelOf(exchange, exchange.params[2])) };
}

/** PATCH …/labels/{id} */
export function editLabel(exchange: Exchange): Reply {
  const label = labelOf(exchange, exchange.params[2]);
  const { description } = decode(exchange, 'EditLabelOption', { description: 'string' });
  label.description = typeof description === 'string' ? description : label.description;
  return { status: 200, body: labelShape(exchange.view, exchange.repository, label) };
}

/** GET …/issues/{index}/labels: no X-Total-Count. */
export function listIssueLabels(exchange: Exchange): Reply {
  return labelsAnswer(exchange, issueOf(exchange));
}

/** POST (add) and PUT (replace) …/issues/{index}/labels: ids or names, not mixed. */
export function putIssueLabels(exchange: Exchange): Reply {
  const { repository, view } = exchange;
  const user = signedIn(exchange);
  const issue = issueOf(exchange);
  if (!mayWrite(repository, user)) {
    throw refusal(view, 403, 'write permission is required');
  }
  const asked = (decode(exchange, 'IssueLabelsOption', { labels: '[]interface {}' })['labels'] ?? []) as unknown[];
  const kinds = new Set(asked.map((one) => typeof one));
  if (kinds.size > 1) {
    throw refusal(view, 400, 'labels should be an array of strings or integers');
  }
  const named = repository.labels.filter((label) => asked.includes(label.id) || asked.includes(label.name));
  const before = exchange.method === 'PUT' ? [] : issue.labels;
  setLabels(exchange, issue, withoutRivals([...before, ...named.filter((label) => !before.includes(label))]));
  return labelsAnswer(exchange, issue);
}

/** DELETE …/issues/{index}/labels/{id} */
export function removeIssueLabel(exchange: Exchange): Reply {
  const issue = issueOf(exchange);
  const label = labelOf(exchange, exchange.params[3]);
  setLabels(
    exchange,
    issue,
    issue.labels.filter((one) => one !== label),
  );
  return { status: 204 };
}

function setLabels(exchange: Exchange, issue: Issue, labels: Label[]): void {
  const changed = [
    ...issue.labels.filter((label) => !labels.includes(label)),
    ...labels.filter((label) => !issue.labels.includes(label)),
  ];
  issue.labels = labels;
  for (const label of changed) {
    exchange.world.addEntry(issue, signedIn(exchange), { type: 'label', body: String(label.id) });
  }
}

function labelsAnswer(exchange: Exchange, issue: Issue): Reply {
  return { status: 200, body: labelShapes(exchange.view, exchange.repository, issue.labels) };
}

function labelOf(exchange: Exchange, id: string | undefined): Label {
  const label = exchange.repository.labels.find((one) => String(one.id) === id);
  if (label === undefined) {
    const asked = /^\d+$/.test(id ?? '') ? id : 0;
    throw refusal(exchange.view, 404, `label does not exist [label_id: ${asked}, repo_id: ${exchange.repository.id}]`);
  }
  return label;
}

function sixDigits(exchange: Exchange, color: string): string {
  const digits = color.replace(/^#/, '').toLowerCase();
  if (/^[0-9a-f]{3}$/.test(digits)) {
    return digits.replace(/./g, '$&$&');
  }
  if (!/^[0-9a-f]{6}$/.test(digits)) {
    throw refusal(exchange.view, 422, `invalid color: #${digits}`);
  }
  return digits;
}
