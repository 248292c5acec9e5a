// The route of events: one event starts the agents that wait for it, once per key.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { eventBody } from './requests.ts';
import { body } from './validate.ts';

const routes = (control: Control) =>
  new Hono().post('/:event', body(eventBody), async (c) =>
    answer(await control.emit(c.req.param('event'), c.req.valid('json'))),
  );

/** `/events` */
export const eventRoutes: (control: Control) => ReturnType<typeof routes> = routes;
