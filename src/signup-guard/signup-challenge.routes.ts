import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { SignupGuard } from './signup-guard.ts';

/** What a browser has to solve while `POST /api/v1/subscriptions` answers `proof_of_work_required`. */
export function signupChallengeRoutes(deps: { readonly signupGuard: SignupGuard }): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/signup-challenge',
      access: 'public',
      crossOrigin: true,
      summary: 'A proof-of-work challenge (ALTCHA) for one sign-up; good for 20 minutes',
      handle: () => deps.signupGuard.issueChallenge(),
    }),
  ];
}
