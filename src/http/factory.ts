// Routes of the factory as a whole: status, what comes next, drain; drift, plan, apply, reload.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { applyBody, byBody, drainBody, nextQuery } from './requests.ts';
import { body, query } from './validate.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/status', async () => answer(await control.status()))
    .get('/next', query(nextQuery), async (c) => answer(await control.next(c.req.valid('query').forMs)))
    .post('/watch', async () => answer(await control.watch()))
    .post('/drain', body(drainBody), async (c) => answer(await control.drain(c.req.valid('json'))))
    .get('/drift', async () => answer(await control.drift()))
    .get('/plan', async () => answer(await control.plan()))
    .post('/apply', body(applyBody), async (c) => answer(await control.apply(c.req.valid('json'))))
    .post('/reload', body(byBody), async (c) => answer(await control.reload(c.req.valid('json').by)));

/** `/factory` */
export const factoryRoutes: (control: Control) => ReturnType<typeof routes> = routes;
