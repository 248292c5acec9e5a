// Routes of breakers: the list, and what an operator does to one.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { breakerBody } from './requests.ts';
import { body } from './validate.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/', async () => answer(await control.breakers()))
    .post('/:project/trip', body(breakerBody), async (c) =>
      answer(await control.breaker(c.req.param('project'), 'trip', c.req.valid('json'))),
    )
    .post('/:project/reset', body(breakerBody), async (c) =>
      answer(await control.breaker(c.req.param('project'), 'reset', c.req.valid('json'))),
    )
    .post('/:project/isolate', body(breakerBody), async (c) =>
      answer(await control.breaker(c.req.param('project'), 'isolate', c.req.valid('json'))),
    );

/** `/breakers` */
export const breakerRoutes: (control: Control) => ReturnType<typeof routes> = routes;
