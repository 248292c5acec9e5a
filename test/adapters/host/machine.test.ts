// What the machine says of its pressure and its room, and what is made of an answer that does not come.

import { expect, it } from 'vitest';
import { diskRoom, pressurePercent } from '../../../src/adapters/host/machine.ts';

const MEMORY = `some avg10=61.30 avg60=0.88 avg300=0.99 total=201883888
full avg10=12.25 avg60=0.39 avg300=0.53 total=81786886
`;
const CPU = 'some avg10=28.24 avg60=36.35 avg300=20.84 total=12563713939\n';

it('takes the share in which all memory work stood still, and any processor work', () => {
  const read = (path: string): string => (path === '/proc/pressure/memory' ? MEMORY : CPU);
  expect([pressurePercent('memory', read), pressurePercent('cpu', read)]).toEqual([12.25, 28.24]);
});

it('says nothing where the kernel does not tell, or tells something else', () => {
  expect(pressurePercent('memory', () => null)).toBeNull();
  expect(pressurePercent('memory', () => '')).toBeNull();
  expect(pressurePercent('cpu', () => 'some avg10=nan avg60=0.00\n')).toBeNull();
});

it('tells the room of a folder, and nothing of one that does not exist', async () => {
  const room = await diskRoom('/proc/self');
  expect([room.freeBytes, room.freeInodes]).toEqual([0, null]);
  expect((await diskRoom('/')).freeBytes).toBeGreaterThan(0);
  expect(await diskRoom('/nowhere/at/all')).toEqual({ freeBytes: null, freeInodes: null });
});
