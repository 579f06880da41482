import { expect, it } from 'vitest';
import { writeConsentDocument } from '../../../src/cli/consent-document.ts';
import type { ConsentStoryEntry } from '../../../src/consent/index.ts';
import type { ConsentRecordId, NewsletterId } from '../../../src/shared/ids.ts';

const GRANTED: ConsentStoryEntry = {
  id: 7 as ConsentRecordId,
  action: 'granted',
  purpose: 'newsletter',
  newsletterId: 1 as NewsletterId,
  newsletterName: 'The Weekly',
  occurredAt: new Date('2026-11-23T08:00:00.123Z'),
  method: 'unticked-box',
  actor: 'subscriber',
  isAssertedByCaller: false,
  consentText: 'I want The Weekly by mail.',
  termsText: 'I accept the terms.',
  privacyText: null,
  termsVersion: 2,
  termsHash: 'ab12',
  privacyVersion: null,
  privacyHash: null,
  formId: 'signup',
  formVersion: '3',
  locale: 'en',
  pageUrl: null,
  ip: '192.0.2.0',
  agent: null,
  signupRequestId: 5,
  deliveryId: null,
  isSealed: true,
};

it('prints each record with its time, wording, versions and circumstances', () => {
  const lines = writeConsentDocument({
    exportedAt: new Date('2026-12-01T00:00:00Z'),
    subscriber: { id: 3, address: 'ada@example.org', name: 'Ada' },
    records: [GRANTED],
  });

  expect(lines).toEqual([
    'Consent record of ada@example.org',
    'Name: Ada',
    'Exported: 2026-12-01T00:00:00.000Z',
    'Records: 1',
    '',
    '2026-11-23T08:00:00.123Z  granted (newsletter), record 7',
    '  Newsletter: The Weekly',
    '  How: unticked-box, by subscriber',
    '  Consent text: I want The Weekly by mail.',
    '  Terms: I accept the terms.',
    '  Terms version: 2, SHA-256 ab12',
    '  Form: signup, version 3',
    '  Language: en',
    '  IP address: 192.0.2.0',
    '  Sealed: yes',
  ]);
});

it('says that a text was asserted by a caller', () => {
  const lines = writeConsentDocument({
    exportedAt: new Date('2026-12-01T00:00:00Z'),
    subscriber: { id: 3, address: 'ada@example.org', name: null },
    records: [{ ...GRANTED, method: 'api', actor: 'token:2', isAssertedByCaller: true }],
  });
  expect(lines).toContain('  How: api, by token:2 (text asserted by caller)');
});
