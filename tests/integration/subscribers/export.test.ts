import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { readCsvCell } from '../../../src/shared/csv.ts';
import { exportSubscribers } from '../../../src/subscribers/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

/** More than two pages. */
const READERS = 11_000;

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const newsletter = await findNewsletter(system.deps.db, { slug: 'the-weekly' });
  await sql`
    with s as (
      insert into subscribers (address, address_key, address_hash, address_hash_key_id, name, created_at)
      select 'reader-' || i || '@many.example', 'reader-' || i || '@many.example', decode(md5(i::text), 'hex'), 1,
        case i % 3 when 0 then '=1+' || i when 1 then 'A "quoted", long' || chr(10) || 'name' end, now()
      from generate_series(1, ${READERS}) i returning id
    )
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select id, ${newsletter?.id}, case id % 2 when 0 then 'active' else 'unsubscribed' end, now(), now() from s`.execute(
    system.deps.db,
  );
});
afterAll(() => system.stop());

async function exported(status?: 'active'): Promise<{ rows: number; text: string; pieces: number }> {
  const pieces: string[] = [];
  const rows = await exportSubscribers(system.deps, { filter: { status }, actor: CLI_ACTOR }, (piece) => {
    pieces.push(piece);
    return Promise.resolve();
  });
  return { rows, text: pieces.join(''), pieces: pieces.length };
}

describe('exporting subscribers', () => {
  it('gives everybody once, page by page, and every cell as it was (S12)', async () => {
    const { rows, text, pieces } = await exported();

    expect(rows).toBe(READERS);
    expect(pieces).toBeGreaterThan(3);
    const [header, ...lines] = parse(text);
    expect(header?.[0]).toBe('email');
    expect(new Set(lines.map(([email]) => email)).size).toBe(READERS);
    expect(lines.every((cells) => cells.length === header?.length)).toBe(true);
    expect(lines[2]?.[1]).toBe("'=1+3");
    expect([0, 1, 2].map((index) => readCsvCell(lines[index]?.[1] ?? '?'))).toEqual([
      'A "quoted", long\nname',
      '',
      '=1+3',
    ]);
  });

  it('leaves out who does not fit', async () => {
    expect((await exported('active')).rows).toBe(READERS / 2);
  });

  it('ends when whoever writes cannot go on', async () => {
    const full = new Error('no space left');

    await expect(
      exportSubscribers(system.deps, { filter: {}, actor: CLI_ACTOR }, () => Promise.reject(full)),
    ).rejects.toBe(full);
  });
});
