// Routes of runs: the list, one with everything about it, its output, cancel, retry.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { logsQuery, retryBody, runsQuery } from './requests.ts';
import { body, query } from './validate.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/', query(runsQuery), async (c) => answer(await control.runs(c.req.valid('query'))))
    .get('/:run', async (c) => answer(await control.show(c.req.param('run'))))
    .get('/:run/logs', query(logsQuery), async (c) => {
      const { from, stream } = c.req.valid('query');
      return answer(await control.logs(c.req.param('run'), from, stream));
    })
    .post('/:run/cancel', async (c) => answer(await control.cancel(c.req.param('run'))))
    .post('/:run/retry', body(retryBody), async (c) =>
      answer(await control.retry(c.req.param('run'), c.req.valid('json').key)),
    );

/** `/runs` */
export const runRoutes: (control: Control) => ReturnType<typeof routes> = routes;
