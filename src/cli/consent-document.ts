import type { ConsentStoryEntry } from '../consent/index.ts';

export interface ConsentExport {
  readonly exportedAt: Date;
  readonly subscriber: { readonly id: number; readonly address: string; readonly name: string | null };
  readonly records: readonly ConsentStoryEntry[];
}

/** The consent record of one person as plain text that prints well (GDPR 7(1), 15). Times are UTC, to the millisecond. */
export function writeConsentDocument({ exportedAt, subscriber, records }: ConsentExport): readonly string[] {
  return [
    `Consent record of ${subscriber.address}`,
    ...(subscriber.name === null ? [] : [`Name: ${subscriber.name}`]),
    `Exported: ${exportedAt.toISOString()}`,
    `Records: ${records.length}`,
    ...records.flatMap((record) => ['', ...writeRecord(record)]),
  ];
}

function writeRecord(record: ConsentStoryEntry): readonly string[] {
  const facts: readonly (readonly [string, string | number | null])[] = [
    ['Newsletter', record.newsletterName],
    ['How', `${record.method}, by ${record.actor}${record.isAssertedByCaller ? ' (text asserted by caller)' : ''}`],
    ['Consent text', record.consentText],
    ['Terms', record.termsText],
    ['Terms version', versionOf(record.termsVersion, record.termsHash)],
    ['Privacy notice', record.privacyText],
    ['Privacy notice version', versionOf(record.privacyVersion, record.privacyHash)],
    ['Form', record.formId === null ? null : `${record.formId}, version ${record.formVersion ?? 'unknown'}`],
    ['Language', record.locale],
    ['Page', record.pageUrl],
    ['IP address', record.ip],
    ['Browser', record.agent],
    ['Sealed', record.isSealed ? 'yes' : 'not yet'],
  ];
  return [
    `${record.occurredAt.toISOString()}  ${record.action} (${record.purpose}), record ${record.id}`,
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name}: ${value}`])),
  ];
}

function versionOf(version: number | null, hash: string | null): string | null {
  return version === null ? null : `${version}, SHA-256 ${hash ?? 'unknown'}`;
}
