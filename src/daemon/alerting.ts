// Makes the services of alerts and hands each what it needs.

import { AlertDesk } from './alert-desk.ts';
import { AlertPicture } from './alert-picture.ts';
import type { BudgetLook, DriftLook } from './alert-picture.ts';
import { Analyst } from './analyst.ts';
import type { House } from './house.ts';
import type { Look } from './look.ts';
import { Monitor } from './monitor.ts';
import { Notices } from './notices.ts';
import type { Outbox } from './outbox.ts';
import type { Recorder } from './recorder.ts';
import { Remedies } from './remedies.ts';
import type { RemedyVerbs } from './remedies.ts';
import type { StandingWishes } from './standing-wishes.ts';

/** What they need beside the house. */
export interface AlertingParts {
  readonly host: string;
  readonly recorder: Recorder;
  readonly outbox: Outbox;
  readonly look: Look;
  readonly wishes: StandingWishes;
  readonly budgets: BudgetLook;
  readonly drift: DriftLook;
  /** The verbs of an operator, for what was suggested about an alert. */
  readonly verbs: () => RemedyVerbs;
  readonly isDraining: () => boolean;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** The services of alerts. */
export interface Alerting {
  readonly notices: Notices;
  readonly monitor: Monitor;
  readonly analyst: Analyst;
  readonly desk: AlertDesk;
}

/** All of them, idle. */
export function makeAlerting(house: House, parts: AlertingParts): Alerting {
  const notices = new Notices(house, parts);
  const remedies = new Remedies(house, parts);
  return {
    notices,
    monitor: new Monitor(house, { ...parts, picture: new AlertPicture(house, parts), notices }),
    analyst: new Analyst(house, { ...parts, notices, remedies }),
    desk: new AlertDesk(house, { ...parts, notices, remedies }),
  };
}
