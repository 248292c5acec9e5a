// Spreads agents that share a schedule: a delay of their own, the same for every slot and after every restart.

const OFFSET_BASIS = 0x81_1c_9d_c5;
const PRIME = 0x01_00_01_93;

/** The delay of the agent `key`: whole ms from 0 to `jitterMs`. */
export function jitterOf(key: string, jitterMs: number): number {
  return jitterMs <= 0 ? 0 : Math.floor((hash(key) / 2 ** 32) * (jitterMs + 1));
}

/** FNV-1a of the UTF-16 units, then the finaliser of MurmurHash3: names that differ in one digit land far apart. */
function hash(text: string): number {
  let value = OFFSET_BASIS;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), PRIME);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85_eb_ca_6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2_b2_ae_35);
  return (value ^ (value >>> 16)) >>> 0;
}
