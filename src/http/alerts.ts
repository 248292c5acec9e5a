// Routes of alerts: the list, one with its conversation, and what a person says and does about it.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { alertsQuery, fixBody, moveBody, replyBody } from './requests.ts';
import { body, query } from './validate.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/', query(alertsQuery), async (c) => {
      const { all, limit } = c.req.valid('query');
      return answer(await control.alerts({ all: all === 'true', limit }));
    })
    .get('/:alert', async (c) => answer(await control.alert(c.req.param('alert'))))
    .post('/:alert/reply', body(replyBody), async (c) =>
      answer(await control.alertReply(c.req.param('alert'), c.req.valid('json'))),
    )
    .post('/:alert/move', body(moveBody), async (c) => {
      const { move, by, reason } = c.req.valid('json');
      return answer(await control.alertMove(c.req.param('alert'), move, { by, reason }));
    })
    .post('/:alert/fix', body(fixBody), async (c) =>
      answer(await control.alertFix(c.req.param('alert'), c.req.valid('json'))),
    );

/** `/alerts` */
export const alertRoutes: (control: Control) => ReturnType<typeof routes> = routes;
