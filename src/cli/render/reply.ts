// Says in one line what became of a request, and how a run ended.

import type { NotAsked, RequestReply, RunView } from '../../http/contract.ts';
import { formatBytes } from '../../lib/bytes.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Look } from './look.ts';
import { oneLine } from './text.ts';
import { exitWord, reasonsText, runCommand, runReason, runWord, tookText, withCommand } from './words.ts';

/** `r7n0  demo/steward  admitted → adf logs -f r7n0` */
export function replyLine(reply: RequestReply | NotAsked, look: Look): string {
  return reply.run === null ? notAskedLine(reply, look) : askedLine(reply, look);
}

function notAskedLine({ agent, reasons }: NotAsked, look: Look): string {
  const why = withCommand(reasonsText(reasons, look.times), `adf why ${agent}`);
  return `${look.style('strong', '-')}  ${oneLine(agent)}  ${look.style('bad', 'refused')}  ${oneLine(why)}`;
}

function askedLine(reply: RequestReply, look: Look): string {
  const { run, decision } = reply;
  const about = `${look.style('strong', run.id)}  ${oneLine(run.agent)}  `;
  const why = reasonsText(reply.reasons, look.times);
  switch (decision) {
    case 'admitted':
      return `${about}${look.style('good', 'admitted')} → ${run.outcome === null ? `adf logs -f ${run.id}` : `adf show ${run.id}`}`;
    case 'waiting':
      return `${about}${look.style('care', 'waiting')}  ${oneLine(withCommand(why, `adf why ${run.agent}`))}`;
    case 'refused':
      return `${about}${look.style('bad', 'refused')}  ${oneLine(withCommand(why, `adf why ${run.agent}`))}`;
    default:
      return unreachable(decision);
  }
}

/** `r7n0  succeeded · exit 0 · 1.8 s · peak 41 MiB` */
export function endLine(run: RunView, look: Look): string {
  const word = runWord(run);
  const took = tookText(run, look.times.now);
  const parts = [
    look.style(word.tone, word.text),
    ...(run.exit === null ? [] : [exitWord(run.exit)]),
    ...(took === '' ? [] : [took]),
    ...(run.peakMemoryBytes === null ? [] : [`peak ${formatBytes(run.peakMemoryBytes)}`]),
  ];
  const why = oneLine(withCommand(runReason(run, look.times), runCommand(run)));
  return `${look.style('strong', run.id)}  ${parts.join(' · ')}${why === '' ? '' : `  ${why}`}`;
}

/** What became of a wish to cancel. */
export function cancelLine(run: RunView, look: Look): string {
  const word = runWord(run);
  const about = `${look.style('strong', run.id)}  ${oneLine(run.agent)}  `;
  if (run.outcome === null) {
    return `${about}${look.style('care', 'is being stopped')} → adf show ${run.id}`;
  }
  return run.outcome.kind === 'canceled'
    ? `${about}${look.style(word.tone, word.text)}`
    : `${about}had ended already: ${look.style(word.tone, word.text)}; nothing was changed → adf show ${run.id}`;
}
