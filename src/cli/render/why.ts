// Draws why an agent does or does not run: the next slot, each gate that says no, those that say yes, and what to type.

import type { SlotView, WhyView } from '../../http/contract.ts';
import type { Look } from './look.ts';
import { oneLine, pad } from './text.ts';
import type { Times } from './times.ts';
import { objection } from './words.ts';

/** Commands that only look; all others change something. */
const LOOKS =
  /^(?:adf (?:show|logs|issues|runs|doctor|agents|breaker show|breakers|check|next|outbox|status|explain)\b|cat )/;

/** The lines of `adf why`. */
export function renderWhy(why: WhyView, look: Look): readonly string[] {
  const width = Math.max(0, ...why.reasons.map((reason) => reason.code.length));
  const lines = [look.style('strong', oneLine(headline(why, look.times)))];
  for (const reason of why.reasons) {
    lines.push(`  ${look.style('bad', pad(reason.code, width))}  ${oneLine(objection(reason, look.times))}`);
  }
  if (why.passing.length > 0) {
    const which = why.reasons.length === 0 ? 'every gate says yes' : 'all other gates say yes';
    lines.push(oneLine(`${which}: ${why.passing.join(' · ')}`));
  }
  lines.push(...why.warnings.map((warning) => look.style('care', oneLine(`warning: ${warning}`))));
  lines.push(...why.skipped.map((slot) => oneLine(skippedText(slot, look.times))));
  return [...lines, ...commandLines(why)];
}

function headline(why: WhyView, times: Times): string {
  const { agent, nextAt, verdict } = why;
  const fate = {
    admit: '',
    defer: nextAt === null ? ': now it would wait:' : ', but it will wait:',
    refuse: nextAt === null ? ': now it would be refused:' : ', but it will be refused:',
  }[verdict];
  const running = agent.running.length > 0 ? ` (running now: ${agent.running.join(', ')})` : '';
  if (nextAt === null) {
    const kind = agent.layer === 'Safety' ? 'is kept running' : `runs only when asked (adf run ${agent.key})`;
    return `${agent.name} ${kind}${running}${fate}`;
  }
  const note = why.nextNote === null ? '' : ` [${why.nextNote}]`;
  const verb = verdict === 'admit' ? 'runs' : 'would run';
  return `${agent.name} ${verb} next at ${times.time(nextAt)} (${times.away(nextAt)})${note}${running}${fate}`;
}

function skippedText(slot: SlotView, times: Times): string {
  const when =
    slot.count === 1 ? `slot ${times.time(slot.from)}` : `slots (${times.time(slot.from)} to ${times.time(slot.to)})`;
  const codes = slot.reasons.map((reason) => reason.code).join(', ');
  if (slot.count === 1) {
    const [reason] = slot.reasons;
    return `${slot.verdict}: ${when}${reason === undefined ? '' : `, ${codes} (${objection(reason, times)})`}`;
  }
  return `${slot.verdict}: ${slot.count} ${when}${codes === '' ? '' : `, all ${codes}`}`;
}

function commandLines(why: WhyView): readonly string[] {
  const isPaused = why.reasons.some((reason) => /^(?:project|factory)\.paused$|^breaker\./.test(reason.code));
  const label = isPaused ? 'to resume:  ' : 'to go on:   ';
  const changing = why.commands.filter((command) => !LOOKS.test(command));
  const looking = why.commands.filter((command) => LOOKS.test(command));
  return [
    ...(changing.length > 0 ? [`${label}${changing.map(oneLine).join('   or   ')}`] : []),
    ...(looking.length > 0 ? [`to see why: ${looking.map(oneLine).join(' · ')}`] : []),
  ];
}
