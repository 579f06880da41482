import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { deleteOrigins, insertOrigins, lockOrigins, selectOrigins } from './signup-origins.repository.ts';
import type { SignupOrigin } from './signup-origins.repository.ts';

/** A site that was named or struck off counts everywhere after this long at the latest. */
const FRESH_MS = 1000;

export interface SignupOrigins {
  /** Whether pages of this origin may hold the form. @throws when the database cannot say: then nobody may. */
  allows(origin: string): Promise<boolean>;
}

/** Reads the list at most once a second, however many pages ask. */
export function createSignupOrigins(deps: { readonly db: Db; readonly clock: Clock }): SignupOrigins {
  let loading: Promise<ReadonlySet<string>> | undefined;
  let loadedAtMs = 0;
  const load = async (): Promise<ReadonlySet<string>> =>
    new Set((await selectOrigins(deps.db)).map(({ origin }) => origin));
  return {
    allows: async (origin) => {
      const nowMs = deps.clock.monotonicMs();
      if (loading === undefined || nowMs - loadedAtMs > FRESH_MS) {
        loadedAtMs = nowMs;
        const current = load();
        current.catch(() => {
          if (loading === current) {
            loading = undefined;
          }
        });
        loading = current;
      }
      return (await loading).has(origin);
    },
  };
}

/** The list becomes this one; what stays keeps its date and who named it. */
export async function replaceOrigins(
  deps: { readonly db: Db; readonly clock: Clock },
  wanted: readonly string[],
  actor: Actor,
): Promise<readonly SignupOrigin[]> {
  const after = [...new Set(wanted)].sort();
  return deps.db.transaction().execute(async (tx) => {
    await lockOrigins(tx);
    const before = (await selectOrigins(tx)).map(({ origin }) => origin);
    const added = after.filter((origin) => !before.includes(origin));
    const removed = before.filter((origin) => !after.includes(origin));
    await deleteOrigins(tx, removed);
    await insertOrigins(tx, added, actor.label, deps.clock.now());
    if (added.length + removed.length > 0) {
      await recordAudit(tx, {
        actor,
        action: 'signup-origins.changed',
        subjectKind: 'signup-origins',
        subjectId: null,
        details: { added, removed },
      });
    }
    return selectOrigins(tx);
  });
}
