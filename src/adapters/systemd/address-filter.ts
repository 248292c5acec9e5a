// Finds out by trying whether lists of addresses hold here: without BPF for cgroups the manager starts a unit that is not filtered.

import type { ServiceManager } from './service-manager.ts';
import { AGENTS_SLICE } from './unit-properties.ts';

/** What was found wanting is tried again after this: a try costs a unit. What holds, holds until the machine boots anew. */
const FRESH_MS = 60_000;
/** The manager ends a try that hangs. */
const TRY_SECONDS = 20;

/** Exit codes of a try whose packet was refused, and sent. */
const HELD = 0;
const SENT = 3;
/** Nobody needs to listen: a filtered packet is refused before it is sent. */
const TRY = `require('node:dgram').createSocket('udp4').send('x', 9, '127.0.0.1', (error) =>
  process.exit(error === null ? ${SENT} : error.code === 'EPERM' ? ${HELD} : 1))`;

const OPEN =
  'this kernel does not filter addresses (no BPF for cgroups): boot one with CONFIG_CGROUP_BPF, or remove allowed_addresses';

/** The filter of the machine's manager. */
export class AddressFilter {
  readonly #manager: Pick<ServiceManager, 'run'>;
  readonly #now: () => number;
  #asked: { readonly answer: Promise<string | null>; readonly until: number } | null = null;

  constructor(manager: Pick<ServiceManager, 'run'>, now: () => number = () => performance.now()) {
    this.#manager = manager;
    this.#now = now;
  }

  /** Null: it holds; else why not, and what cures that. */
  async lack(): Promise<string | null> {
    const now = this.#now();
    if (this.#asked === null || now >= this.#asked.until) {
      const answer = this.#try();
      this.#asked = { answer, until: now + FRESH_MS };
      if ((await answer) === null) {
        this.#asked = { answer, until: Infinity };
      }
    }
    return this.#asked.answer;
  }

  async #try(): Promise<string | null> {
    const { code, failure, stderr } = await this.#manager.run([
      '--wait',
      '--collect',
      '--quiet',
      '--no-ask-password',
      // Where agents run: a slice can allow addresses to all in it.
      `--slice=${AGENTS_SLICE}`,
      '--description=adf tries whether addresses can be closed',
      '--property=IPAddressDeny=any',
      `--property=RuntimeMaxSec=${TRY_SECONDS}`,
      '--property=StandardOutput=null',
      '--property=StandardError=null',
      '--',
      process.execPath,
      '-e',
      TRY,
    ]);
    if (failure === null && code === HELD) {
      return null;
    }
    const said = failure ?? (stderr.split('\n')[0] || `exit ${code ?? 'by a signal'}`);
    return failure === null && code === SENT
      ? OPEN
      : `a try whether addresses can be closed failed (${said}): see journalctl, or remove allowed_addresses`;
  }
}
