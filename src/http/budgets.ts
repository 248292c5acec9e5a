// Routes of budgets: the list, and an override.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';
import { overrideBody } from './requests.ts';
import { body } from './validate.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/', async () => answer(await control.budget()))
    .post('/override', body(overrideBody), async (c) => answer(await control.overrideBudget(c.req.valid('json'))));

/** `/budgets` */
export const budgetRoutes: (control: Control) => ReturnType<typeof routes> = routes;
