// What a meter is told: where it writes what it counted, and to whom it passes requests on.

/**
 * Stands where the address of the meter will stand, which nobody knows before it listens: `METER_ADDRESS/0` is what the agent
 * CLI is given instead of the first upstream, in its variables or arguments. No name below `.invalid` is ever found.
 */
export const METER_ADDRESS = 'http://adf-meter.invalid';

/** The variable that holds a meter's order, as JSON; the agent CLI does not get it. */
export const ORDER_VARIABLE = 'ADF_METER_ORDER';

/** One meter's order. */
export interface MeterOrder {
  /** Absolute path of the file that it appends to. */
  readonly file: string;
  /** Base URLs, http or https: what follows `METER_ADDRESS/n` in a request is appended to the nth. */
  readonly upstreams: readonly string[];
}
