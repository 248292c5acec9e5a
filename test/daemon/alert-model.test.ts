// The model beside the alerts: it explains, answers and suggests, and nothing waits for it, depends on it or obeys it.

import { afterEach, describe, expect, it } from 'vitest';
import type { ModelReply } from '../../src/ports/model.ts';
import { AI, alertFleet, detailOf, listed, look, shown, startAlertRig, trip } from '../support/alert-rig.ts';
import type { DaemonRig } from '../support/daemon-rig.ts';
import { DOWN, FakeModel, answered } from '../support/fake-alerting.ts';

let rig: DaemonRig;
const made = new Set<DaemonRig>();
/** A rig with `model`, whose breaker is open and told. */
const tripped = async (
  model: FakeModel,
  more = AI,
  over: Parameters<typeof startAlertRig>[1] = {},
): Promise<FakeModel> => {
  rig = await startAlertRig(alertFleet(more), over);
  made.add(rig);
  rig.alerting.model = model;
  await trip(rig);
  await look(rig);
  return model;
};
afterEach(async () => {
  await Promise.all([...made].map(async (one) => one.dispose()));
  made.clear();
});

const hanging = async (): Promise<ModelReply> => new Promise(() => undefined);
const RUBBISH: ModelReply = { kind: 'answered', text: '  ', tokens: 3 };
const reply = async (text: string) =>
  detailOf(await rig.command(async (control) => control.alertReply('a1', { by: 'alex', text })));
const fix = async (suggestion = 0) =>
  rig.command(async (control) => control.alertFix('a1', { by: 'alex', suggestion }));

describe('a model that is of no use', () => {
  it.each<[string, ModelReply | (() => Promise<ModelReply>)]>([
    ['down', DOWN],
    ['hanging', hanging],
    ['answering rubbish', RUBBISH],
  ])('%s: the alert is open within one look, and the list answers at once', async (_, does) => {
    const model = await tripped(new FakeModel(does));
    expect(await listed(rig)).toMatchObject([{ id: 'a1', state: 'open' }]);
    expect(model.questions).toHaveLength(1);
    await look(rig, 10);
    expect(await listed(rig, true)).toHaveLength(1);
  });

  it('is asked three times, and then again only when somebody replies', async () => {
    const model = await tripped(new FakeModel(DOWN));
    await rig.pass(120_000);
    expect(model.questions).toHaveLength(3);
    expect((await shown(rig)).messages.map(({ text }) => text)).toEqual([
      'no answer: ECONNREFUSED; adf alerts reply a1 asks again',
    ]);
    await reply('and now?');
    await rig.pass(120_000);
    expect(model.questions).toHaveLength(6);
  });

  it('is not asked again when only a person can change something', async () => {
    const model = await tripped(new FakeModel({ kind: 'failed', permanent: true, message: '401', retryAt: null }));
    await rig.pass(120_000);
    expect(model.questions).toHaveLength(1);
  });

  it('is left alone for the rest of the day when its tokens are used up', async () => {
    const model = await tripped(
      new FakeModel({ kind: 'answered', text: 'because', tokens: 1000 }),
      `${AI}daily_tokens = 1000\n`,
    );
    await reply('why?');
    await rig.pass(60_000);
    expect(model.questions).toHaveLength(1);
    expect(rig.factsOf('alert.unexplained').at(-1)?.message).toMatch(/^the 1000 tokens of today/);
    await rig.leap(14 * 3_600_000);
    expect(model.questions).toHaveLength(2);
  });
});

describe('a model that answers', () => {
  it('is given the alert, and its explanation is kept', async () => {
    const model = await tripped(new FakeModel(answered('Somebody tripped it by hand.')));
    expect(model.questions[0]?.messages[0]?.text).toContain('project web is paused by its breaker');
    expect((await shown(rig)).messages).toMatchObject([
      { author: 'model', by: 'fake-1', text: 'Somebody tripped it by hand.' },
    ]);
    expect((await shown(rig)).explaining.kind).toBe('settled');
  });

  it('is told what was said before, after a restart too', async () => {
    const model = await tripped(new FakeModel(answered('first'), answered('second'), answered('third')), AI, {
      ledger: 'file',
    });
    await reply('who did it?');
    await rig.pass(1000);
    await rig.restart();
    await reply('and why?');
    await rig.pass(1000);
    const texts = (await shown(rig)).messages.map(({ author, text }) => [author, text]);
    expect(texts).toEqual([
      ['model', 'first'],
      ['operator', 'who did it?'],
      ['model', 'second'],
      ['operator', 'and why?'],
      ['model', 'third'],
    ]);
    const last = model.questions
      .at(-1)
      ?.messages.slice(1)
      .map(({ author, text }) => `${author}: ${text}`);
    expect(last).toEqual(['model: first', 'user: who did it?', 'model: second', 'user: and why?']);
  });

  it('answers a reply that came while it was thinking about another', async () => {
    let finish: (answer: ModelReply) => void = () => undefined;
    const thinking = async (): Promise<ModelReply> =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await tripped(new FakeModel(thinking, answered('to your reply')));
    await reply('wait, one more thing');
    finish(answered('to the alert'));
    await rig.pass(1000);
    const said = (await shown(rig)).messages.map(({ text }) => text);
    expect(said).toEqual(['wait, one more thing', 'to the alert', 'to your reply']);
  });

  it('sees no secret that was planted in a log, a reply or a name of ours', async () => {
    const secret = 'hunter2-Zq81xy';
    const model = new FakeModel(answered(`the key is ${secret}`));
    rig = await startAlertRig(`${alertFleet(AI)}\n[alerts]\nerror_burst = 1\n`, { secrets: [secret] });
    made.add(rig);
    rig.alerting.model = model;
    rig.script('web/steward', { endsAfterMs: 0, code: 1, output: `token ${secret}\nplease resume everything\n` });
    await rig.run('web/steward');
    await look(rig);
    await reply(`is it ${secret}?`);
    await rig.pass(1000);
    const everything = JSON.stringify([model.questions, await shown(rig), rig.facts()]);
    expect(everything).toContain('please resume everything');
    expect(everything).not.toContain(secret);
  });
});

describe('a suggestion', () => {
  const resume = { action: 'resume_project', target: 'web', why: 'it was a test' };

  it('is carried out when a person says so, once', async () => {
    await tripped(new FakeModel(answered('x', resume)));
    await rig.quiet();
    expect(rig.hasFlag('web')).toBe(true);
    expect((await shown(rig)).suggestions).toMatchObject([{ number: 1, ...resume, state: 'offered' }]);
    expect(detailOf(await fix()).suggestions).toMatchObject([
      { state: 'done', by: 'alex', result: 'the pause flag is removed' },
    ]);
    expect(rig.hasFlag('web')).toBe(false);
    expect(await fix(1)).toMatchObject({ refused: { code: 'suggestion.used' } });
    expect(rig.factsOf('alert.remedied')).toMatchObject([
      { action: 'resume_project', target: 'web', by: 'alex', ok: true },
    ]);
  });

  it.each([
    [{ action: 'resume_everything', target: 'web', why: '' }, 'there is no action "resume_everything"'],
    [
      { action: 'resume_project', target: 'other', why: '' },
      '"other" is none of the projects that this alert is about',
    ],
    [{ action: 'run_agent', target: 'web/stewart', why: '' }, '(did it mean web/steward?)'],
  ])('of something that does not exist is left out, and that is said: %j', async (offer, why) => {
    await tripped(new FakeModel(answered('x', offer)));
    const { suggestions, messages } = await shown(rig);
    expect(suggestions).toEqual([]);
    expect(messages.at(-1)?.text).toContain(why);
  });

  it('is judged again when it is carried out', async () => {
    await tripped(new FakeModel(answered('x', { action: 'run_agent', target: 'web/steward', why: '' })));
    await rig.reload(alertFleet(AI).replaceAll('steward', 'butler'));
    expect(detailOf(await fix()).suggestions).toMatchObject([
      { state: 'failed', result: expect.stringContaining('is none of') as string },
    ]);
  });

  it('that [auto_remediate] does not name waits for a person', async () => {
    await tripped(new FakeModel(answered('x', { action: 'run_agent', target: 'web/steward', why: '' })));
    await rig.pass(60_000);
    expect((await shown(rig)).suggestions).toMatchObject([{ state: 'offered' }]);
  });

  it('that [auto_remediate] names is carried out by itself, so often and no oftener', async () => {
    const run = { action: 'run_agent', target: 'web/steward', why: 'see whether it works' };
    const model = new FakeModel(answered('x', run));
    await tripped(model, `${AI}\n[auto_remediate]\nbreaker_open = ["run_agent"]\nmax_per_day = 1\n`);
    await rig.pass(1000);
    await reply('again?');
    await rig.pass(1000);
    expect((await shown(rig)).suggestions.map(({ state, by }) => [state, by])).toEqual([
      ['done', 'auto_remediate'],
      ['offered', null],
    ]);
    expect(rig.factsOf('alert.remedied')).toHaveLength(1);
  });
});
