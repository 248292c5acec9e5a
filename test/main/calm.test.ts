// One trouble, one line.

import { expect, it } from 'vitest';
import { calmed } from '../../src/main/calm.ts';

it('tells a message once a minute, and how often it came', () => {
  const told: string[] = [];
  let now = 0;
  const tell = calmed(
    (message) => told.push(message),
    () => now,
  );
  tell('disk full');
  now = 59_999;
  tell('disk full');
  tell('another');
  now = 60_000;
  tell('disk full');
  now = 200_000;
  tell('disk full');
  expect(told).toEqual(['disk full', 'another', 'disk full (1 more like it before)', 'disk full']);
});

it('remembers no more than the last messages', () => {
  const told: string[] = [];
  const tell = calmed(
    (message) => told.push(message),
    () => 0,
  );
  Array.from({ length: 33 }, (_, index) => tell(`trouble ${index}`));
  tell('trouble 32');
  tell('trouble 0');
  expect(told).toHaveLength(34);
});
