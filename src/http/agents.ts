// Routes of agents: the list, why one does not run, a run of one, the end of a quarantine.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { runBody } from './requests.ts';
import { body } from './validate.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/', async () => answer(await control.agents()))
    .get('/:name/why', async (c) => answer(await control.why(c.req.param('name'))))
    .post('/:name/runs', body(runBody), async (c) =>
      answer(await control.run(c.req.param('name'), c.req.valid('json'))),
    )
    .post('/:name/release', async (c) => answer(await control.release(c.req.param('name'))));

/** `/agents` */
export const agentRoutes: (control: Control) => ReturnType<typeof routes> = routes;
