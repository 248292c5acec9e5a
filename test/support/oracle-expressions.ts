// The 200 expressions on which core and oracle must agree: the awkward ones by hand, the rest by a seeded draw.

const BY_HAND = [
  '* * * * *',
  '*/5 * * * *',
  '*/10 2 * * *',
  '*/7 1-3 * * *',
  '0 * * * *',
  '30 */2 * * *',
  '0 0-23/2 * * *',
  '0-23/2 * * * *',
  '15 0-23/2 * * *',
  '@hourly',
  '@daily',
  '@weekly',
  '@monthly',
  '@yearly',
  '@midnight',
  '0 0 * * *',
  '30 0 * * *',
  '59 23 * * *',
  '0 1 * * *',
  '30 1 * * *',
  '45 1 * * *',
  '0 2 * * *',
  '15 2 * * *',
  '30 2 * * *',
  '45 2 * * *',
  '59 2 * * *',
  '0 3 * * *',
  '30 3 * * *',
  '0,15,30,45 1,2,3 * * *',
  '5 0,1,2,3 * * *',
  '0 2,3 * * *',
  '30 1,2 * * 0',
  '13 * 5 * *',
  '0 9 13 * 5',
  '0 9 13 * *',
  '0 9 * * 5',
  '0 9 1,15 * 1-5',
  '0 9 */2 * 1',
  '0 9 ? * 1',
  '0 9 1 * ?',
  '0 9 1-7 * */2',
  '30 2 * 3 0',
  '30 1 * 11 0',
  '0 0 L * *',
  '30 2 L 3,9,10 *',
  '0 0 L-3 * *',
  '0 0 L,15 * *',
  '0 0 LW * *',
  '0 0 15W * *',
  '0 0 1W,31W * *',
  '0 0 31 * *',
  '0 0 29 2 *',
  '0 0 30 * 1',
  '0 0 * * 5#2',
  '30 2 * * 0#2',
  '30 2 * 3 0L',
  '0 0 * * 0#1',
  '0 0 L * 5',
  '0 0 * * 1#5',
  '0 0 * * friL',
  '0 12 * * mon-fri',
  '0 22-2 * * *',
  '0 0 * * 5-1',
  '0 0 * nov-feb *',
  '0 0 * jan,JUL sun',
  '0 6 * * 7',
  '50-10 4 * * *',
  '1-59/2 3 * * *',
  '0 4 8-14 * *',
  '0 4 1-31 * 2',
];

const SIX_BY_HAND = [
  '* * * * * *',
  '*/15 * * * * *',
  '0 30 2 * * *',
  '30 30 2 * * *',
  '59 59 1 * * *',
  '59 59 23 * * *',
  '0 0 0 * * *',
  '10,20 0 3 * * *',
  '* 30 1 * * *',
  '*/20 * 2 * * *',
  '5 */10 1-3 * * *',
  '0 0 */3 * * *',
  '45 15 0-23/2 * * *',
  '1 2 3 * * 0',
  '0 0 2 L * *',
  '0 0,30 0,1,2,3 * * 0',
];

/** Five fields: walked over years. */
export const FIVE_FIELDS: readonly string[] = fill(BY_HAND, 160, (draw) => drawFields(draw).join(' '));

/** Six fields: walked second by second around each clock change. */
export const SIX_FIELDS: readonly string[] = fill(SIX_BY_HAND, 40, (draw) =>
  [drawField(draw, 0, 59), ...drawFields(draw)].join(' '),
);

/** A number in [low, high]. */
type Draw = (low: number, high: number) => number;

function fill(start: readonly string[], count: number, make: (draw: Draw) => string): readonly string[] {
  const texts = new Set(start);
  const draw = seeded(20_261_121);
  while (texts.size < count) {
    texts.add(make(draw));
  }
  return [...texts];
}

/** Hours lie where clocks change; most draws leave something free, so that there are slots. */
function drawFields(draw: Draw): readonly string[] {
  const minute = draw(0, 9) === 0 ? `*/${draw(7, 40)}` : drawField(draw, 0, 59);
  const hour = draw(0, 4) === 0 ? '*' : drawField(draw, draw(0, 1) === 0 ? 0 : 1, draw(0, 1) === 0 ? 3 : 23);
  const date = draw(0, 2) > 0 ? '*' : draw(0, 3) === 0 ? `L-${draw(1, 6)}` : drawField(draw, 1, 28);
  const month = draw(0, 3) > 0 ? '*' : drawField(draw, 1, 12);
  const weekday = draw(0, 2) > 0 ? '*' : draw(0, 3) === 0 ? `${draw(0, 7)}#${draw(1, 5)}` : drawField(draw, 0, 7);
  return [minute, hour, date, month, weekday];
}

function drawField(draw: Draw, low: number, high: number): string {
  const first = draw(low, high);
  const second = draw(low, high);
  const [from, to] = [Math.min(first, second), Math.max(first, second)];
  return [`${first}`, `${from}-${to}`, `${first},${second}`, `${from}-${to}/${draw(2, 9)}`][draw(0, 3)] ?? '*';
}

/** Mulberry32: the same draws on every machine. */
function seeded(seed: number): Draw {
  let state = seed;
  return (low, high) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) % (high - low + 1));
  };
}
