// Routes of what leaves the factory: issues of the local tracker, and reactions that wait.

import { Hono } from 'hono';
import type { Control } from '../ports/control.ts';
import { answer } from './answer.ts';

const routes = (control: Control) =>
  new Hono()
    .get('/issues', async () => answer(await control.issues()))
    .get('/outbox', async () => answer(await control.outbox()));

/** `/issues` and `/outbox` */
export const escalationRoutes: (control: Control) => ReturnType<typeof routes> = routes;
