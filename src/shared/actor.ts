import type { AdminId } from './ids.ts';

/** What an API token may do; an admin session may do all of it. `resource:read` or `resource:write`. */
export const SCOPES = [
  'newsletters:read',
  'newsletters:write',
  'subscribers:read',
  'subscribers:write',
  'evidence:read',
  'campaigns:read',
  'campaigns:write',
  'system:read',
  'system:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is asking. `label` is what consent records and the audit log keep. */
export type Actor =
  | { readonly kind: 'admin'; readonly adminId: AdminId; readonly label: string }
  | { readonly kind: 'token'; readonly scopes: readonly Scope[]; readonly label: string }
  | { readonly kind: 'cli'; readonly label: 'cli' }
  | { readonly kind: 'system'; readonly label: 'system' };

export const CLI_ACTOR: Actor = { kind: 'cli', label: 'cli' };
export const SYSTEM_ACTOR: Actor = { kind: 'system', label: 'system' };

export function mayUse(actor: Actor, scope: Scope): boolean {
  switch (actor.kind) {
    case 'admin':
    case 'cli':
    case 'system':
      return true;
    case 'token':
      return actor.scopes.includes(scope);
    default:
      return actor satisfies never;
  }
}
