import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashRecord, hashRoot, hashSeal } from '../../../src/consent/chain.ts';
import type { ChainedRecord } from '../../../src/consent/chain.ts';
import type { ConsentRecordId } from '../../../src/shared/ids.ts';

const RECORD: ChainedRecord = {
  id: 1 as ConsentRecordId,
  action: 'requested',
  purpose: 'newsletter',
  subscriberId: 2,
  newsletterId: 3,
  signupRequestId: 4,
  deliveryId: null,
  consentText: 'aa',
  termsText: 'bb',
  privacyText: 'cc',
  termsDocument: 'dd',
  privacyDocument: 'ee',
  isAssertedByCaller: false,
  method: 'button',
  formId: 'hosted',
  formVersion: '0123456789ab',
  locale: 'en',
  pageUrl: 'https://news.example.org/',
  actor: 'subscriber',
  occurredAt: '2026-11-23T07:00:00.000Z',
  addressDigest: '11',
  ipDigest: '22',
  agentDigest: '33',
  details: '{}',
};
const FIELDS = Object.keys(RECORD) as (keyof ChainedRecord)[];

function change(value: ChainedRecord[keyof ChainedRecord]): unknown {
  if (value === null || typeof value === 'boolean') {
    return value === null ? 0 : !value;
  }
  return typeof value === 'number' ? value + 1 : `${value}x`;
}

describe('hashRecord', () => {
  it.each(FIELDS)('notices a change of %s', (field) => {
    const changed = { ...RECORD, [field]: change(RECORD[field]) };

    expect(hashRecord(changed)).not.toEqual(hashRecord(RECORD));
  });

  it.each(FIELDS.filter((field) => typeof RECORD[field] === 'string'))('notices that %s was emptied', (field) => {
    const emptied = hashRecord({ ...RECORD, [field]: '' });
    const removed = hashRecord({ ...RECORD, [field]: null });

    expect(new Set([hashRecord(RECORD), emptied, removed].map((hash) => hash.toString('hex'))).size).toBe(3);
  });

  it('cannot be made to agree by moving text from one field into the next', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.nat(), (formId, formVersion, at) => {
        const cut = 1 + (at % formId.length);
        const moved = { formId: formId.slice(0, cut - 1), formVersion: formId.slice(cut - 1) + formVersion };

        expect(hashRecord({ ...RECORD, ...moved })).not.toEqual(hashRecord({ ...RECORD, formId, formVersion }));
      }),
    );
  });

  it('gives for this record what it gave when the first chain was made', () => {
    const canonical = JSON.stringify(FIELDS.map((field) => RECORD[field]));

    expect(hashRecord(RECORD)).toEqual(createHash('sha256').update(canonical).digest());
    expect(hashRecord(RECORD).toString('hex')).toBe('28e16286f76de819048e0c9eb898a6e148d94fa5581c8b2bb7d97a1b8724a365');
  });
});

describe('hashSeal', () => {
  const [one, two] = [hashRecord(RECORD), hashRecord({ ...RECORD, id: 2 as ConsentRecordId })];
  const seal = {
    previousHash: Buffer.alloc(32, 1),
    root: hashRoot([one, two]),
    count: 2,
    sealedAt: '2026-11-23T07:00:01.000Z',
  };

  it.each([
    ['the seal before it', { previousHash: Buffer.alloc(32, 2) }],
    ['the order of its records', { root: hashRoot([two, one]) }],
    ['a record that is gone', { root: hashRoot([one]) }],
    ['their number', { count: 3 }],
    ['the moment', { sealedAt: '2026-11-23T07:00:01.001Z' }],
  ])('notices a change of %s', (_what, changed) => {
    expect(hashSeal({ ...seal, ...changed })).not.toEqual(hashSeal(seal));
  });
});
