import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashRecord, hashRoot, hashSeal } from '../../../src/consent/chain.ts';
import type { ChainedRecord } from '../../../src/consent/chain.ts';
import type { ConsentRecordId, SubscriberId } from '../../../src/shared/ids.ts';

const RECORD: ChainedRecord = {
  id: 1 as ConsentRecordId,
  action: 'requested',
  purpose: 'newsletter',
  subscriberId: 2 as SubscriberId,
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
  termsVersion: 'terms/en/1',
  privacyVersion: 'privacy/en/1',
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

    expect(new Set([hashRecord(RECORD), emptied, removed]).size).toBe(3);
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

    expect(hashRecord(RECORD)).toBe(createHash('sha256').update(canonical).digest('hex'));
    expect(hashRecord(RECORD)).toBe('cd991ddda2752d52125b637b54edc73cbe5e6d29d80189281ac8daf8d258e307');
  });
});

describe('hashSeal', () => {
  const [one, two] = [hashRecord(RECORD), hashRecord({ ...RECORD, id: 2 as ConsentRecordId })];
  const seal = {
    previousHash: '01'.repeat(32),
    root: hashRoot([one, two]),
    maxRecordId: 2,
    sealedAt: new Date('2026-11-23T07:00:01Z'),
    recordIds: '1 2',
  };

  it.each([
    ['the seal before it', { previousHash: '02'.repeat(32) }],
    ['the order of its records', { root: hashRoot([two, one]) }],
    ['a record that is gone', { root: hashRoot([one]) }],
    ['which records they are', { recordIds: '1 3' }],
    ['the highest one', { maxRecordId: 3 }],
    ['the moment', { sealedAt: new Date('2026-11-23T07:00:01.001Z') }],
  ])('notices a change of %s', (_what, changed) => {
    expect(hashSeal({ ...seal, ...changed })).not.toEqual(hashSeal(seal));
  });

  it('can be computed with standard tools, without a key', () => {
    const root = createHash('sha256').update(Buffer.from(one, 'hex')).update(Buffer.from(two, 'hex')).digest();
    const computed = createHash('sha256')
      .update(Buffer.from(seal.previousHash, 'hex'))
      .update(root)
      .update('2026-11-23T07:00:01.000Z 2 1 2')
      .digest('hex');

    expect(hashSeal(seal)).toBe(computed);
  });
});
