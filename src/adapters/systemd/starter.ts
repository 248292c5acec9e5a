// Asks the service manager for one start, and finds out from its records what came of it.

import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptId } from '../../core/ids.ts';
import type { Sandboxing } from '../../core/sandbox/sandbox.ts';
import { presentFlag } from '../../os/present-flag.ts';
import { ATTEMPT_VARIABLE, STATE_VARIABLE } from '../../os/proc-table.ts';
import { wrapperFile } from '../../os/start-wrapper.ts';
import type { StartFailure, StartReply, StartSpec } from '../../ports/execution-host.ts';
import { Bubblewrap } from '../bubblewrap.ts';
import { runProgram } from '../program.ts';
import { accountVariables, findAccount, type Account } from '../account.ts';
import { AddressFilter } from './address-filter.ts';
import { handOver } from './inputs.ts';
import { failureIn } from './not-started.ts';
import type { ServiceManager } from './service-manager.ts';
import type { StartRecord } from './record-script.ts';
import type { Recorded, Records } from './records.ts';
import { HELD_BY_UNITS } from './sandbox-properties.ts';
import { unitName } from './unit-name.ts';
import { limitFiles, runArguments } from './unit-properties.ts';
import { processorNetSeconds } from '../../os/processor-net.ts';

/** The manager takes no larger credential. */
const ORDER_BYTES_MAX = 1024 * 1024;
/** So often a start is asked for that the manager knows nothing of, with this between. */
const START_TRIES = 3;
const TRY_AGAIN_MS = 500;
/** Writing a record takes some milliseconds. */
const RECORD_TIMEOUT_MS = 10_000;
/** A unit that is being started is waited for this often, so far apart. */
const SETTLE_LOOKS = 600;
const SETTLE_LOOK_MS = 100;
/** Looks that a manager may leave unanswered meanwhile; each of them waits for half a minute. */
const SILENT_LOOKS_MAX = 10;
/** How a unit stands of which we need not ask the manager. */
const RECORDED = 'recorded';
/** Between questions to a manager that has not said what came of a start. */
const ASK_AGAIN_MS = 5000;

/** What a starter needs. */
export interface StarterInput {
  readonly manager: ServiceManager;
  readonly records: Records;
  readonly stateId: string;
  readonly defaultUser: string | null;
  /** Where programs of the system are. */
  readonly path: string;
  /** Told what an operator may want to know. */
  readonly log: (message: string) => void;
}

/** What came of a start. */
export type Begun =
  | { readonly kind: 'started'; readonly unit: string; readonly start: Recorded<StartRecord> }
  /** It ended without a start: its record says why. */
  | { readonly kind: 'ended' }
  /** The manager does not know of it, and has no reason to tell: nothing began, so it may be asked once more. */
  | { readonly kind: 'not_taken'; readonly unit: string; readonly said: string }
  /** The manager does not say: it may live, and nobody may say that it did not start. */
  | { readonly kind: 'unknown'; readonly unit: string; readonly said: string }
  | { readonly kind: 'no'; readonly no: StartReply };

/** Starts attempts in units. */
export class Starter {
  readonly #input: StarterInput;
  readonly #bubblewrap = new Bubblewrap();
  readonly #filter: AddressFilter;

  constructor(input: StarterInput) {
    this.#input = input;
    this.#filter = new AddressFilter(input.manager);
  }

  /** What of sandboxes can be had: the machine's manager holds each, a user's manager is the same user as what it holds. */
  async sandboxing(needs: { readonly addresses: boolean }): Promise<Sandboxing> {
    if (this.#input.manager.kind === 'user') {
      return this.#bubblewrap.sandboxing();
    }
    return needs.addresses ? { ...HELD_BY_UNITS, addresses: await this.#filter.lack() } : HELD_BY_UNITS;
  }

  /**
   * Starts `spec`, which nobody started before; asks until the manager says what came of that, or `closing` says to leave it. A
   * manager that is replaced by itself (an upgrade of systemd does that) forgets what it was asked: then it is asked again.
   */
  async start(spec: StartSpec, closing: AbortSignal): Promise<Begun> {
    for (let tries = 1; ; tries += 1) {
      const begun = await this.#ask(spec, closing);
      if (begun.kind !== 'not_taken' || closing.aborted) {
        return begun;
      }
      const { unit, said } = begun;
      if (tries === START_TRIES) {
        return unstarted('host', `the service manager did not start ${unit}: ${said}; see journalctl --unit ${unit}`);
      }
      this.#input.log(`the service manager did not start ${unit} (${said}): asking once more`);
      await delay(TRY_AGAIN_MS, null, { signal: closing }).catch(() => null);
    }
  }

  async #ask(spec: StartSpec, closing: AbortSignal): Promise<Begun> {
    let begun = await this.begin(spec);
    // It may run: it is neither told as started nor given up, for as long as we live.
    while (begun.kind === 'unknown' && !closing.aborted) {
      this.#input.log(`the service manager does not say whether ${begun.unit} was started: asking again`);
      await delay(ASK_AGAIN_MS, null, { signal: closing }).catch(() => null);
      begun = await this.outcome(spec.attemptId, begun);
    }
    return begun;
  }

  /** Starts `spec`; `unknown` where the manager does not say what came of it. */
  async begin(asked: StartSpec): Promise<Begun> {
    const { manager, records, stateId, defaultUser, path } = this.#input;
    const spec = manager.kind === 'user' ? this.#bubblewrap.put(asked) : asked;
    const { attemptId } = spec;
    const isOwn = manager.kind === 'user' && spec.user === userInfo().username;
    const user = isOwn ? null : (spec.user ?? defaultUser);
    if (manager.kind === 'user' && user !== null) {
      return unstarted(
        'user',
        `a user's service manager cannot start ${attemptId} as ${user}: run the factory as root`,
      );
    }
    const account = user === null ? null : await findAccount(user, path);
    if (user !== null && account === null) {
      return unstarted(
        'user',
        `there is no system user ${user}: adf install makes it, [[projects]] user names another`,
      );
    }
    if (account !== null && account.uid === process.getuid?.()) {
      return unstarted('user', `${account.name} is the user of the factory, as whom no agent runs: name another`);
    }
    const order = this.#order(spec, account);
    if (Buffer.byteLength(order) > ORDER_BYTES_MAX) {
      return unstarted(
        'limits',
        `arguments and environment of ${attemptId} are over 1 MiB: give the task on stdin or as a file`,
      );
    }
    const objection = account === null ? null : handOver(spec.inputs, account);
    if (objection !== null) {
      return unstarted('host', objection);
    }
    const unit = unitName(attemptId, spec.label, stateId);
    records.writeOrder(attemptId, order);
    const flag = presentFlag(spec.pauseFlags);
    if (flag !== null) {
      records.remove(attemptId);
      return { kind: 'no', no: { kind: 'paused', flag } };
    }
    const result = await manager.run(
      runArguments({ unit, user, home: homeOf(spec, account), spec, files: records.files(attemptId) }),
    );
    const said = result.failure ?? (result.stderr || `systemd-run ended with ${result.code ?? 'a signal'}`);
    return this.outcome(attemptId, { unit, said });
  }

  /**
   * What came of the start of `id` that the manager was asked for; ask again while that is unknown. Who asked may have been killed
   * in the middle of it (a stop of our own service does that): only what the manager has done with it counts, so the order stays
   * in force for as long as the manager may be about to read it.
   */
  async outcome(id: AttemptId, { unit, said }: { readonly unit: string; readonly said: string }): Promise<Begun> {
    const { manager, records } = this.#input;
    const before = await this.settle(id, unit);
    if (before === 'unknown') {
      return { kind: 'unknown', unit, said };
    }
    records.withdraw(id);
    // It may have begun just before that.
    const active = before === RECORDED ? before : await this.vouch(id, unit);
    const start = records.start(id);
    if (start !== null) {
      return { kind: 'started', unit, start };
    }
    if (active === 'unknown') {
      return { kind: 'unknown', unit, said };
    }
    if (records.exit(id) !== null) {
      return { kind: 'ended' };
    }
    records.remove(id);
    const journal = await manager.journal(unit);
    const step = failureIn(journal);
    if (step !== null) {
      return unstarted(step.cause, `${step.message}; see journalctl --unit ${unit}`);
    }
    // Of what it was never asked for, or forgot, it wrote nothing down.
    return active === 'inactive' && journal.trim() === ''
      ? { kind: 'not_taken', unit, said }
      : unstarted(
          'host',
          `${unit} may have begun, and could not be recorded (a full disk?): ${said}; see journalctl --unit ${unit}`,
        );
  }

  #order(spec: StartSpec, account: Account | null): string {
    const { manager, stateId } = this.#input;
    return wrapperFile(
      {
        env: {
          ...(account === null ? {} : accountVariables(account)),
          ...spec.env,
          [ATTEMPT_VARIABLE]: spec.attemptId,
          [STATE_VARIABLE]: stateId,
        },
        cwd: spec.cwd,
        cpuSeconds: processorNetSeconds(spec.limits.cpuMs),
        limits: limitFiles(spec.limits),
        cgroupMount: manager.mount,
      },
      spec.argv,
    );
  }

  /**
   * Resolves when the start or the end of `id` is recorded (`recorded`), or `unit` is neither being started nor ended (any more):
   * how it stands then, `unknown` where the manager does not say for long.
   */
  async settle(id: AttemptId, unit: string): Promise<string> {
    const { manager, records } = this.#input;
    let silent = 0;
    let active = 'unknown';
    const isRecorded = (): boolean => records.start(id) !== null || records.exit(id) !== null;
    for (let look = 0; look < SETTLE_LOOKS && !isRecorded(); look += 1) {
      ({ active } = await manager.state(unit));
      silent += active === 'unknown' ? 1 : 0;
      const changes = active === 'activating' || active === 'deactivating';
      if (!changes && !(active === 'unknown' && silent < SILENT_LOOKS_MAX) && !isRecorded()) {
        return active;
      }
      await delay(SETTLE_LOOK_MS);
    }
    return isRecorded() ? RECORDED : active;
  }

  /**
   * As `settle`, and what runs has its start recorded then: by us where the manager did not (it was replaced just then). What nobody
   * could record, on a full disk, must not run.
   */
  async vouch(id: AttemptId, unit: string): Promise<string> {
    const { manager, records } = this.#input;
    const active = await this.settle(id, unit);
    if ([RECORDED, 'inactive', 'unknown'].includes(active)) {
      return active;
    }
    const { pid } = await manager.state(unit);
    if (active === 'active' && pid > 0) {
      await this.#record(id, pid);
    }
    if (records.start(id) !== null) {
      return RECORDED;
    }
    await manager.kill(unit);
    return active;
  }

  async #record(id: AttemptId, pid: number): Promise<void> {
    const { records, path } = this.#input;
    const { recorder, startRecord } = records.files(id);
    await runProgram({
      argv: ['/bin/sh', recorder, 'start', startRecord, String(pid)],
      env: { PATH: path, MAINPID: String(pid) },
      timeoutMs: RECORD_TIMEOUT_MS,
    });
  }
}

/** The home that its programs will be told; null: that of the manager's own user. */
function homeOf({ env }: StartSpec, account: Account | null): string | null {
  return account === null ? null : (env['HOME'] ?? account.home);
}

function unstarted(cause: StartFailure, message: string): Begun {
  return { kind: 'no', no: { kind: 'did_not_start', cause, message } };
}
