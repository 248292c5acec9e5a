// Leads a CLI through a meter: the variables that name its model's address name the meter's instead.

import { METER_ADDRESS } from '../core/metering/order.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { MeteredStart, StartToMeter } from '../ports/agent-driver.ts';

/** A variable that names where a CLI finds its model; `usual` is where it looks without one, null: that is not known. */
export interface AddressVariable {
  readonly name: string;
  readonly usual: string | null;
}

/** `start` of `cli`, led through a meter by `variables`. Throws OperationalError `launch.metering` where an address is not known. */
export function meteredByVariables(
  cli: string,
  start: StartToMeter,
  variables: readonly AddressVariable[],
): MeteredStart {
  const upstreams = variables.map(({ name, usual }) => {
    const address = start.env[name] ?? usual;
    if (address === null) {
      throw unmetered(cli, `write ${name} into env, with the address of its model`);
    }
    return checkedAddress(cli, name, address);
  });
  const env = Object.fromEntries(variables.map(({ name }, index) => [name, `${METER_ADDRESS}/${index}`]));
  return { argv: start.argv, env, upstreams };
}

/** Throws OperationalError `launch.metering` if one of `variables` sends `cli` elsewhere, past the meter. */
export function refuseOtherWays(cli: string, { env }: StartToMeter, variables: readonly string[]): void {
  const found = variables.find((name) => !['', '0', 'false', undefined].includes(env[name]?.toLowerCase()));
  if (found !== undefined) {
    throw unmetered(cli, `${found} leads past it; remove that variable, or metering`);
  }
}

/** `address`, which `place` names, if a meter can pass requests on to it. */
export function checkedAddress(cli: string, place: string, address: string): string {
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw unmetered(cli, `${place} is no http or https address`);
  }
  return address;
}

/** Why `cli` cannot be metered, and `cure`. */
export function unmetered(cli: string, cure: string): OperationalError {
  return new OperationalError('launch.metering', `${cli} cannot be metered: ${cure}`);
}
