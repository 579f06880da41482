import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordAudit } from '../../../src/audit/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

const entry = { actor: CLI_ACTOR, action: 'thing.done', subjectKind: 'thing', subjectId: 1 };

it('is written with what it tells of, or not at all', async () => {
  const undone = system.deps.db.transaction().execute(async (tx) => {
    await recordAudit(tx, entry);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await system.deps.db.selectFrom('audit_log').where('action', '=', 'thing.done').selectAll().execute()).toEqual(
    [],
  );
});

it('refuses to be changed, deleted or emptied', async () => {
  const { db } = system.deps;
  await recordAudit(db, { ...entry, details: { count: 3 } });

  await expect(db.updateTable('audit_log').set({ actor: 'nobody' }).execute()).rejects.toThrow(/append-only/);
  await expect(db.deleteFrom('audit_log').execute()).rejects.toThrow(/append-only/);
  expect(await db.selectFrom('audit_log').where('action', '=', 'thing.done').selectAll().execute()).toMatchObject([
    { actor: 'cli', subject_id: '1', details: { count: 3 } },
  ]);
});
