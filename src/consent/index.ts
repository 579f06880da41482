export type { Circumstances, ConsentEntry, ConsentStoryEntry } from './consent-record.ts';
export { createConsentTexts, hashText } from './consent-texts.repository.ts';
export type { ConsentTexts } from './consent-texts.repository.ts';
export { hasEverConsented, readConsentStory, recordConfirmationsSent, recordConsent } from './consent.repository.ts';
export type { SaltedValue } from './personal-value.ts';
export { saltValue, shortenIp } from './personal-value.ts';
export { sealConsentRecords } from './seals.repository.ts';
export { verifyConsent } from './verify-consent.ts';
export type { ConsentVerification } from './verify-consent.ts';
