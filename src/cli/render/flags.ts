// Says what became of a pause flag, and how to undo it.

import type { PauseView, ResumeView } from '../local.ts';
import type { Look } from './look.ts';
import { oneLine } from './text.ts';

/** The lines of `adf pause`. */
export function renderPause(view: PauseView, look: Look): readonly string[] {
  const { times } = look;
  const project = oneLine(view.project);
  const undo = `to resume: adf resume ${project}   or   rm ${oneLine(view.flag)}`;
  if (!view.made) {
    const who = view.owner === 'breaker' ? 'by the breaker' : 'by a person';
    return [`${project} is paused already, since ${times.time(view.since)} ${who}; nothing was changed`, undo];
  }
  const until = view.until === null ? '' : ` until ${times.time(view.until)} (${times.away(view.until)})`;
  return [`${project} is paused${until}: nothing of it starts, what runs goes on`, undo];
}

/** The lines of `adf resume`. `resumed`: what that changed for the daemon; null: none was told. */
export function renderResume(view: ResumeView, resumed: boolean | null): readonly string[] {
  const project = oneLine(view.project);
  const flag = oneLine(view.flag);
  if (view.removed) {
    return [`${project} is resumed (removed ${flag}); what comes next: adf next`];
  }
  if (resumed === true) {
    return [`${project} is resumed (its breaker held it, without a flag yet); what comes next: adf next`];
  }
  return [
    `${project} is not paused: there is no ${flag}; nothing was changed. What holds it: adf status`,
    ...(resumed === null
      ? ['no daemon was told: if its breaker is open, the next one writes the flag, and adf resume then removes it']
      : []),
  ];
}
