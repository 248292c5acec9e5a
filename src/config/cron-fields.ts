// Knows what may stand in each field of a schedule, and says it.

/** The fields in the order of the six-field form, named as node-cron names them. */
export const FIELDS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;

/** One of them. */
export type FieldName = (typeof FIELDS)[number];

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const LONG_MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');
const LONG_DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

interface FieldRule {
  readonly label: string;
  readonly range: readonly [number, number];
  readonly names: readonly string[];
  /** What may stand besides numbers, names, ranges and steps. */
  readonly special: RegExp | null;
  /** How a person is told of names and specials. */
  readonly also: string;
}

const RULES: Readonly<Record<FieldName, FieldRule>> = {
  second: { label: 'second', range: [0, 59], names: [], special: null, also: '' },
  minute: { label: 'minute', range: [0, 59], names: [], special: null, also: '' },
  hour: { label: 'hour', range: [0, 23], names: [], special: null, also: '' },
  dayOfMonth: {
    label: 'day of month',
    range: [1, 31],
    names: [],
    special: /^(?:\?|LW|L(?:-(?:[1-9]|[12]\d|30))?|(?:[1-9]|[12]\d|3[01])W)$/i,
    also: ' (also L, L-3, 15W, LW)',
  },
  month: { label: 'month', range: [1, 12], names: [...MONTHS, ...LONG_MONTHS], special: null, also: ' or jan to dec' },
  dayOfWeek: {
    label: 'day of week',
    range: [0, 7],
    names: [...DAYS, ...LONG_DAYS],
    special: new RegExp(`^(?:\\?|(?:[0-7]|${[...DAYS, ...LONG_DAYS].join('|')})(?:L|#[1-5]))$`, 'i'),
    also: ' or sun to sat (also 5#2, 5L)',
  },
};

/** What is wrong with one field, or null: nothing that its text alone shows. */
export function fieldProblem(name: FieldName, text: string): string | null {
  const rule = RULES[name];
  for (const item of text.split(',')) {
    const problem = itemProblem(rule, item);
    if (problem !== null) {
      return problem;
    }
  }
  return null;
}

function itemProblem(rule: FieldRule, item: string): string | null {
  const { label, range, also } = rule;
  if (rule.special?.test(item) === true) {
    return null;
  }
  const match = /^(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d{1,2}))?$/i.exec(item);
  if (match === null) {
    return `${label} is a number, a list (1,5), a range (1-5) or a step (*/5, 10-40/5)${also}; found "${item}"`;
  }
  const [, from, to, step] = match;
  const values = [from, to].filter((value) => value !== undefined);
  if (values.some((value) => !isValue(rule, value))) {
    return `${label} is ${range[0]} to ${range[1]}${also}`;
  }
  if (step !== undefined && Number(step) === 0) {
    return `${label} has a step of 0`;
  }
  return step !== undefined && from !== undefined && to === undefined
    ? `${label} has a step from a single value: write ${from}-${range[1]}/${step}`
    : null;
}

function isValue(rule: FieldRule, value: string): boolean {
  if (!/^\d{1,2}$/.test(value)) {
    return rule.names.includes(value.toLowerCase());
  }
  return Number(value) >= rule.range[0] && Number(value) <= rule.range[1];
}
