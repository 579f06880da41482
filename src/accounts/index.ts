import type { ApiRoute } from '../http/index.ts';
import type { AccountsDeps } from './account.ts';
import { apiTokenRoutes } from './api-tokens.routes.ts';
import { createPasswordHasher } from './password-hasher.ts';
import { sessionRoutes } from './session.routes.ts';

export type { AccountsDeps } from './account.ts';
export { deleteNotices, hasVerifiedAdmin } from './admins.repository.ts';
export { authenticate } from './authenticate.ts';
export { createApiToken } from './create-api-token.ts';
export { inviteAdmin, issueSetupToken } from './issue-setup-token.ts';
export { adminMailHead, describeSite, notifyAdmins } from './notify-admins.ts';
export { verificationRoutes } from './verification.routes.ts';

/** The feature's operations below /api/v1. */
export function accountRoutes(deps: AccountsDeps): readonly ApiRoute[] {
  return [...sessionRoutes({ ...deps, hasher: createPasswordHasher(deps.random) }), ...apiTokenRoutes(deps)];
}
