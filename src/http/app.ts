// The app behind the control socket: every noun at its place, bodies bounded, errors as JSON.

import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Control } from '../ports/control.ts';
import { agentRoutes } from './agents.ts';
import { alertRoutes } from './alerts.ts';
import { RefusedRequest, errorAnswer } from './answer.ts';
import { budgetRoutes } from './budgets.ts';
import { breakerRoutes } from './breakers.ts';
import { MAX_BODY_BYTES } from './contract.ts';
import { escalationRoutes } from './escalations.ts';
import { eventRoutes } from './events.ts';
import { factRoutes } from './facts.ts';
import { factoryRoutes } from './factory.ts';
import { projectRoutes } from './projects.ts';
import { runRoutes } from './runs.ts';

/** What the app stands on. */
export interface AppInput {
  readonly control: Control;
  /** Aborts when the server closes: streams end then. */
  readonly closing: AbortSignal;
  /** Is told of every error that nobody expected. */
  readonly onCrash: (thrown: unknown) => void;
}

const build = ({ control, closing, onCrash }: AppInput) =>
  new Hono()
    .use(
      bodyLimit({
        maxSize: MAX_BODY_BYTES,
        onError: () => {
          throw new RefusedRequest('too_large', `the request is longer than ${MAX_BODY_BYTES} bytes`);
        },
      }),
    )
    .onError((thrown) => errorAnswer(thrown, onCrash))
    .notFound((c) => errorAnswer(new RefusedRequest('route.unknown', `${c.req.method} ${c.req.path}`), onCrash))
    .route('/factory', factoryRoutes(control))
    .route('/agents', agentRoutes(control))
    .route('/runs', runRoutes(control))
    .route('/events', eventRoutes(control))
    .route('/projects', projectRoutes(control))
    .route('/breakers', breakerRoutes(control))
    .route('/alerts', alertRoutes(control))
    .route('/budgets', budgetRoutes(control))
    .route('/facts', factRoutes(control, closing))
    .route('/', escalationRoutes(control));

/** The routes as hono's typed client reads them. */
export type App = ReturnType<typeof build>;

/** Builds the app; `serve` puts it behind a socket. */
export const createApp: (input: AppInput) => App = build;
