// Finds where pause flags lie also while agents.toml is broken: who pauses at night must not have to mend it first.

import { OperationalError } from '../lib/operational-error.ts';
import type { FlagPlace } from './local.ts';
import type { Session } from './session.ts';

/** `act` where agents.toml says; where it is broken, where the daemon that runs has them. Errors: those of `act`. */
export async function whereFlagsLie<View>(session: Session, act: (place: FlagPlace) => Promise<View>): Promise<View> {
  try {
    return await act(session.place);
  } catch (error) {
    const inForce = error instanceof OperationalError && error.code === 'config' ? await inForceNow(session) : null;
    if (inForce === null) {
      throw error;
    }
    session.note('agents.toml is broken (adf check); meant is what the daemon has in force');
    return act({ ...session.place, inForce });
  }
}

async function inForceNow(session: Session): Promise<NonNullable<FlagPlace['inForce']> | null> {
  try {
    const { pauseDir, projects } = await (await session.client()).status();
    return { pauseDir, projects: projects.map(({ id }) => id) };
  } catch (error) {
    if (error instanceof OperationalError) {
      return null;
    }
    throw error;
  }
}
