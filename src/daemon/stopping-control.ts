// The control of a daemon that ends: whoever looks or cancels is answered, whoever wants something decided is told why not.

import { OperationalError } from '../lib/operational-error.ts';
import type { Control } from '../ports/control.ts';

/** Verbs that need those who decide, who have stopped; the others read, end runs, or write what the next daemon obeys. */
const DECIDED: ReadonlySet<string | symbol> = new Set<keyof Control>([
  'run',
  'emit',
  'retry',
  'drain',
  'reload',
  'apply',
  'watch',
]);

/** `control`, whose verbs that start something fail with OperationalError `stopping` while `isStopping`. */
export function stoppingControl(control: Control, isStopping: () => boolean): Control {
  return new Proxy(control, {
    get: (target, name) => {
      const verb: unknown = Reflect.get(target, name, target);
      if (typeof verb !== 'function') {
        return verb;
      }
      return (...given: unknown[]): unknown =>
        DECIDED.has(name) && isStopping() ? refuse(String(name)) : Reflect.apply(verb, target, given);
    },
  });
}

async function refuse(verb: string): Promise<never> {
  const message = `${verb}: the daemon is ending, it waits for what still runs (adf status): ask again when it was started anew`;
  return Promise.reject(new OperationalError('stopping', message));
}
