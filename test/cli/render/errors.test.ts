import { expect, it } from 'vitest';
import { cureOf, errorLines } from '../../../src/cli/render/errors.ts';
import { OperationalError } from '../../../src/lib/operational-error.ts';

const SERVICE = '/run/adf/adf.sock';
const OWN = '/home/eva/.local/state/adf/adf.sock';

it.each([
  ['daemon_unreachable', OWN, 'start one with: adf start (and see: adf doctor)'],
  ['daemon_unreachable', null, 'start one with: adf start (and see: adf doctor)'],
  ['daemon_unreachable', SERVICE, 'start one with: sudo systemctl start adf (and see: adf doctor)'],
  ['daemon_ended', SERVICE, 'start one with: sudo systemctl start adf (and see: adf doctor)'],
  ['daemon_denied', SERVICE, 'to belong to it: sudo usermod -aG adf-operators YOU, then log in again'],
  ['daemon_silent', SERVICE, 'see what it does: adf doctor'],
])('%s at %s says what to type next', (code, socket, next) => {
  const lines = errorLines(new OperationalError(code, 'it did not work'), { json: false, socket });
  expect(lines).toEqual(['adf: it did not work', `  ${next}`]);
});

it('a daemon of somebody else has no cure, and the message stands alone', () => {
  const error = new OperationalError('daemon_denied', 'the socket is closed to you');
  expect(errorLines(error, { json: false, socket: OWN })).toEqual(['adf: the socket is closed to you']);
  expect(cureOf('daemon_denied', OWN)).toBeNull();
});

it('in JSON it is code and message alone', () => {
  const error = new OperationalError('daemon_unreachable', 'no daemon');
  expect(errorLines(error, { json: true, socket: SERVICE })).toEqual([
    '{"error":{"code":"daemon_unreachable","message":"no daemon"}}',
  ]);
});
