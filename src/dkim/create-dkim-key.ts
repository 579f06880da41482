import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { NEWS_DELAY_MS, parseMailDomain, parseSelector } from './dkim-key.ts';
import type { DkimKey } from './dkim-key.ts';
import { insertDkimKey, selectDkimKeys } from './dkim-keys.repository.ts';
import { makeKeyPair } from './private-key.ts';

export interface NewDkimKey {
  /** Of the From address; it does not stand for domains below it. */
  readonly domain: string;
  /** Otherwise one that tells the day. */
  readonly selector?: string | undefined;
  /** When it begins to sign: later than its DNS record is there, so that no mail goes out with a key that nobody finds. */
  readonly signsFrom?: Date | undefined;
  readonly actor: Actor;
}

/**
 * Makes and stores an RSA key of 2048 bits; it signs the mails that are made from `signsFrom` on, ten seconds from now at the
 * earliest.
 * @throws AppError `dkim_domain_invalid`, `dkim_selector_invalid`, `dkim_selector_taken`
 */
export async function createDkimKey(
  deps: { readonly db: Db; readonly clock: Clock; readonly random: Random; readonly keyring: Keyring },
  wanted: NewDkimKey,
): Promise<DkimKey> {
  const domain = parseMailDomain(wanted.domain);
  if (domain === undefined) {
    throw inputError('dkim_domain_invalid', `${wanted.domain} is no domain of a mail address, such as example.org`);
  }
  const createdAt = deps.clock.now();
  const earliest = new Date(createdAt.getTime() + NEWS_DELAY_MS);
  const signsFrom = wanted.signsFrom !== undefined && wanted.signsFrom > earliest ? wanted.signsFrom : earliest;
  const selector =
    wanted.selector === undefined ? await findFreeSelector(deps.db, domain, createdAt) : parseSelector(wanted.selector);
  if (selector === undefined) {
    throw inputError(
      'dkim_selector_invalid',
      'a selector is made of letters, digits, hyphens and dots, such as courant-2',
    );
  }
  const pair = await makeKeyPair(deps, { domain, selector });
  return deps.db.transaction().execute(async (tx) => {
    const key = await insertDkimKey(tx, { ...pair, domain, selector, createdAt, signsFrom });
    if (key === undefined) {
      throw conflict(
        'dkim_selector_taken',
        `${domain} has, or had, a key with the selector ${selector}; choose another: mails signed with that one are still being read`,
      );
    }
    await recordAudit(tx, {
      actor: wanted.actor,
      action: 'dkim-key.created',
      subjectKind: 'dkim-key',
      subjectId: key.id,
      details: { domain, selector, signsFrom: signsFrom.toISOString() },
    });
    return key;
  });
}

/** courant-20261122, and on the same day once more courant-20261122-2. */
async function findFreeSelector(db: Db, domain: string, now: Date): Promise<string> {
  const taken = new Set(
    (await selectDkimKeys(db)).filter((key) => key.domain === domain).map(({ selector }) => selector),
  );
  const base = `courant-${now.toISOString().slice(0, 10).replaceAll('-', '')}`;
  let selector = base;
  for (let number = 2; taken.has(selector); number += 1) {
    selector = `${base}-${number}`;
  }
  return selector;
}
