// What the CLI can do without a daemon; each verb loads its own rooms, so that `adf status` stays quick.

import type { CheckView, ConfigPlace, Local } from '../cli/local.ts';
import { usualSocket } from '../config/usual-socket.ts';
import type { Fleet } from '../core/fleet.ts';
import { socketPath } from '../os/socket-path.ts';

/** The functions behind the commands that need no daemon. */
export const local: Local = {
  socketPath: async (place) => {
    const { configPath } = await import('./config-path.ts');
    const usual = usualSocket(configPath(place.config));
    return usual === null ? (await import('./whom-to-ask.ts')).namedSocket(place) : socketPath(usual);
  },
  whyThere: async (place) => (await import('./whom-to-ask.ts')).whyThere(place),
  start: async (wish, foreground) => (await import('./start.ts')).start(wish, foreground),
  check,
  savePlan: async (path, text) => (await import('./save-plan.ts')).savePlan(path, text),
  init: async (directory) => (await import('./init.ts')).init(directory),
  install: async (wish) => (await import('./install.ts')).install(wish),
  next: async (place, forMs) => (await import('./next.ts')).next(await fleetOf(place), forMs),
  doctor: async (place, daemon) => (await import('./doctor.ts')).doctor(place, daemon),
  conformance: async (place, wish, watch) => (await import('./conformance.ts')).conformance(place, wish, watch),
  pause: async (place, wish) => (await import('./flags.ts')).pause(place, wish),
  resume: async (place, wish) => (await import('./flags.ts')).resume(place, wish),
  try: async (wish, watch) => (await import('./try.ts')).tryOnce(wish, watch),
  tries: async (place, filter) => (await import('./tries.ts')).tries(place, filter),
};

async function check(place: ConfigPlace): Promise<CheckView> {
  const { load } = await import('./config.ts');
  const loaded = load({ ...place, asService: false, foreground: false });
  const ok = loaded.kind === 'ok';
  return { path: loaded.path, ok, errors: ok ? [] : loaded.errors, warnings: loaded.warnings };
}

async function fleetOf(place: ConfigPlace): Promise<Fleet> {
  const { loadOrThrow } = await import('./config.ts');
  return loadOrThrow({ ...place, asService: false, foreground: false }).fleet;
}
