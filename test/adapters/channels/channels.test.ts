import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slack } from '../../../src/adapters/channels/slack.ts';
import { webhook } from '../../../src/adapters/channels/webhook.ts';
import { noticeOf } from '../../../src/core/alert/notice.ts';
import type { ChannelReply } from '../../../src/ports/channel.ts';
import { ALERT } from '../../support/alert-pictures.ts';
import { modelServer } from '../../support/model-server.ts';
import type { ModelServer, Scenario } from '../../support/model-server.ts';

const NOW = 1_795_257_045_000;
const SECRET = 'hunter2-Zq81xy';
let server: ModelServer;
let dir: string;
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
};
beforeAll(async () => {
  server = await modelServer();
  dir = mkdtempSync(join(tmpdir(), 'adf-channels-'));
  file('secret', `${SECRET}\n`);
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

const notice = (explanation = '') =>
  noticeOf('opened', ALERT, { id: 'd-1', factory: 'build1', secrets: [], explanation });
const hook = (scenario: Scenario, secretFile = join(dir, 'secret')) =>
  webhook({ url: server.endpoint(scenario), urlFile: null, secretFile, now: () => NOW });

describe('a webhook', () => {
  it('gets the notice, signed over time, delivery id and body', async () => {
    expect(await hook('text').deliver(notice())).toEqual({ kind: 'done', note: '200' });
    const asked = server.asked.at(-1);
    const expected = createHmac('sha256', SECRET)
      .update(`${NOW}.d-1.${asked?.body ?? ''}`)
      .digest('hex');
    expect(asked?.headers).toMatchObject({
      'x-adf-delivery': 'd-1',
      'x-adf-timestamp': String(NOW),
      'x-adf-signature': `sha256=${expected}`,
      'content-type': 'application/json',
    });
    expect(JSON.parse(asked?.body ?? '')).toEqual(notice());
    expect(JSON.stringify(asked)).not.toContain(SECRET);
  });

  it.each<[Scenario, Partial<ChannelReply>]>([
    ['e503', { permanent: false, message: 'not delivered: it answered 503' }],
    ['e429', { permanent: false, retryAt: NOW + 7000 }],
    ['e401', { permanent: true }],
    ['redirect', { permanent: true }],
    ['reset', { permanent: false }],
  ])('that answers %s is tried again, or not', async (scenario, expected) => {
    expect(await hook(scenario).deliver(notice())).toMatchObject({ kind: 'failed', ...expected });
  });

  it('waits for a person where its secret is missing, and goes on when it is there', async () => {
    const path = join(dir, 'late');
    const late = hook('text', path);
    const before = await late.accessStamp();
    expect(await late.deliver(notice())).toMatchObject({ kind: 'failed', permanent: true });
    file('late', SECRET);
    expect(await late.accessStamp()).not.toBe(before);
    expect(await late.deliver(notice())).toMatchObject({ kind: 'done' });
  });
});

describe('Slack', () => {
  const chat = (text: string) => slack({ urlFile: file('slack', text), now: () => NOW });
  const sent = (): string => (JSON.parse(server.asked.at(-1)?.body ?? '') as { readonly text: string }).text;

  it('gets text that calls nobody', async () => {
    await chat(server.endpoint('text')).deliver(notice('<!channel> & <@U1>'));
    expect(sent()).toContain('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(sent()).toContain('`adf alerts show a1`');
  });

  it('gets long text cut between two characters, never within one', async () => {
    await chat(server.endpoint('text')).deliver(notice('🦊'.repeat(3000)));
    const text = sent();
    expect(Buffer.byteLength(text)).toBeLessThan(3200);
    expect(text.isWellFormed()).toBe(true);
    expect(text).toMatch(/🦊\n… \d+ bytes left out …\n🦊/);
  });

  it('cannot be told without an address, which is not shown', async () => {
    expect(await chat('not an address').deliver(notice())).toMatchObject({
      kind: 'failed',
      permanent: true,
      message: `${join(dir, 'slack')} holds no address that begins with https://`,
    });
  });
});

describe('a notice', () => {
  it('is redacted before it is cut, and never longer than it may be', () => {
    const text = `${'x'.repeat(5950)} key ${SECRET} ${'y'.repeat(9000)}`;
    const made = noticeOf('explained', ALERT, { id: 'd', factory: 'f', secrets: [SECRET], explanation: text });
    expect(Buffer.byteLength(made.text)).toBeLessThanOrEqual(6000);
    expect(made.text).not.toContain('hunter2');
    const long = noticeOf(
      'opened',
      { ...ALERT, text: `${SECRET} ${'é\n'.repeat(900)}` },
      { id: 'd', factory: 'f', secrets: [SECRET] },
    );
    expect(Buffer.byteLength(long.title)).toBeLessThanOrEqual(400);
    expect([long.title.includes('\n'), long.title.includes('hunter2')]).toEqual([false, false]);
  });
});
