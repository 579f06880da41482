import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { AppError } from '../shared/app-error.ts';
import { readSending } from './read-sending.ts';
import { releaseSending, resumeSending, stopSending } from './steer-sending.ts';
import type { SteerDeps } from './steer-sending.ts';

export function sendingRoutes(deps: SteerDeps & { readonly clock: Clock }): readonly ApiRoute[] {
  /** Each may be repeated: the answer is the state that there is then. */
  const action = (name: string, summary: string, run: (actor: Actor) => Promise<boolean>): ApiRoute =>
    apiRoute({
      method: 'post',
      path: `/sending/${name}`,
      access: 'system:write',
      summary,
      handle: async ({ actor }) => {
        await run(known(actor));
        return readSending(deps);
      },
    });
  return [
    apiRoute({
      method: 'get',
      path: '/sending',
      access: 'system:read',
      summary: 'What holds mails back, what waits for it, which workers live',
      handle: () => readSending(deps),
    }),
    action('stop', 'The kill switch: no mail leaves any more', (actor) => stopSending(deps, actor)),
    action('resume', 'Takes the kill switch back', (actor) => resumeSending(deps, actor)),
    action('release', 'Lets campaigns and issues go after a restore or a long stop', (actor) =>
      releaseSending(deps, actor),
    ),
  ];
}

/** createApp has refused requests without an actor before a scoped route runs; the type does not know. */
function known(actor: Actor | undefined): Actor {
  if (actor === undefined) {
    throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
  }
  return actor;
}
