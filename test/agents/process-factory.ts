// The factory of the kit as a process of its own, asked over its socket: what an operator has.

import type { KitFactory } from '../../src/conformance/kit.ts';
import type { RunDetail, RunView } from '../../src/ports/control.ts';
import type { RunWish } from '../../src/ports/run-wish.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

/** One daemon of the tests. */
export class ProcessFactory implements KitFactory {
  readonly #daemon = new DaemonProcess('');

  get dir(): string {
    return this.#daemon.rig.dir;
  }

  async start(toml: string): Promise<void> {
    this.#daemon.configure(toml);
    await this.#daemon.start();
  }

  async run(agent: string, wish: RunWish): Promise<RunView> {
    return (await this.#daemon.client.run(agent, wish)).run;
  }

  async show(run: string): Promise<RunDetail> {
    return this.#daemon.client.show(run);
  }

  async cancel(run: string): Promise<void> {
    await this.#daemon.client.cancel(run);
  }

  alive(): readonly number[] {
    return this.#daemon.rig.agents();
  }

  log(): string {
    return this.#daemon.log();
  }

  async close(): Promise<void> {
    await this.#daemon.dispose();
  }
}
