// Judges one held attempt by what its host and the machine say of it, independently of each other.

/** What the execution host says; `unknown`: it cannot be asked, or did not answer in time. */
export type HostSays = 'alive' | 'missing' | 'unknown';

/** What the machine's process table says of exactly this process. */
export type MachineSays = 'alive' | 'dead' | 'unknown';

/** `failed` and `stopped` are pruned: gone by itself, or after we had asked it to end. */
export type Judgement = 'alive' | 'unknown' | 'failed' | 'stopped';

/**
 * The judgement. A status error alone kills nothing: a host that is missing the attempt, or cannot say, is only the first
 * proof, the process table is the second, and either of them seeing it alive outweighs the other.
 */
export function judge(host: HostSays, machine: MachineSays, wasStopping: boolean): Judgement {
  if (host === 'alive') {
    return 'alive';
  }
  if (machine !== 'dead') {
    return 'unknown';
  }
  return wasStopping ? 'stopped' : 'failed';
}
