// The route of projects: one that says its flag was removed, so that nobody waits for the next look.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { byBody } from './requests.ts';
import { body } from './validate.ts';

const routes = (control: Control) =>
  new Hono().post('/:project/resumed', body(byBody), async (c) =>
    answer(await control.resumed(c.req.param('project'), c.req.valid('json').by)),
  );

/** `/projects` */
export const projectRoutes: (control: Control) => ReturnType<typeof routes> = routes;
