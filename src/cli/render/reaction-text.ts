// Says in words what a reaction does: the outbox knows it by a key that is made for machines.

/** What is done to what, as one clause before and one after it happened. */
interface Deed {
  readonly doing: string;
  readonly done: string;
}

const ISSUE: Readonly<Record<string, (of: string) => Deed>> = {
  open_issue: (of) => ({ doing: `opening the issue of ${of}`, done: `issue of ${of} opened` }),
  comment: (of) => ({ doing: `commenting on the issue of ${of}`, done: `issue of ${of} has news` }),
  reopen_issue: (of) => ({ doing: `reopening the issue of ${of}`, done: `issue of ${of} reopened` }),
  close_issue: (of) => ({ doing: `closing the issue of ${of}`, done: `issue of ${of} closed` }),
};

const FLAG: Readonly<Record<string, (of: string) => Deed>> = {
  write: (of) => ({ doing: `writing the flag of ${of}`, done: `flag of ${of} written` }),
  remove: (of) => ({ doing: `removing the flag of ${of}`, done: `flag of ${of} removed` }),
};

/** A number of an issue, a path, or what a web server answers: it was really done, and not found to be needless. */
const DONE_NOTE = /^(?:#\d|\/|removed$|2\d\d$)/;

/** `issue of sandbox opened: #4`; a note says what came of it. */
export function reactionDone(effect: string, note: string): string {
  const deed = deedOf(effect);
  if (deed === null || !DONE_NOTE.test(note)) {
    return `${deed?.doing ?? effect}: ${note}`;
  }
  return note === 'removed' ? deed.done : `${deed.done}: ${note.replace(/ (?:open|closed)$/, '')}`;
}

/** `opening the issue of sandbox`, for what failed or waits. */
export function reactionDoing(effect: string): string {
  return deedOf(effect)?.doing ?? effect;
}

const NOTICE = /^(a\d+) (opened|explained|dismissed|closed) (\S+) [0-9a-f]+$/;

/** Keys are `open_issue/breaker:sandbox/<incident>/<key>` and `flag/sandbox/write/<incident>/<count>`; names hold slashes. */
function deedOf(effect: string): Deed | null {
  const issue = /^([a-z_]+)\/[a-z-]+:(.+)\/[^/]+\/[^/]+$/.exec(effect);
  const flag = /^flag\/([^/]+)\/([a-z]+)\//.exec(effect);
  const notice = NOTICE.exec(effect);
  if (notice !== null) {
    const [, alert = '', event = '', channel = ''] = notice;
    const what = `${channel} that ${alert} is ${event}`;
    return { doing: `telling ${what}`, done: `told ${what}` };
  }
  const result = /^result\/([^/]+)\//.exec(effect)?.[1];
  if (result !== undefined) {
    return { doing: `posting the result of ${result}`, done: `result of ${result} posted` };
  }
  return ISSUE[issue?.[1] ?? '']?.(issue?.[2] ?? '') ?? FLAG[flag?.[2] ?? '']?.(flag?.[1] ?? '') ?? null;
}
