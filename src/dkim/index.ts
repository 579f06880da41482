export { createDkimKey } from './create-dkim-key.ts';
export { createDkimSigner } from './create-dkim-signer.ts';
export type { DkimSigner } from './create-dkim-signer.ts';
export { keyInUseAt, parseMailDomain, stateOfKey } from './dkim-key.ts';
export type { DkimKey } from './dkim-key.ts';
export { selectDkimKeys as listDkimKeys } from './dkim-keys.repository.ts';
export type { DkimDnsRecord } from './dns-record.ts';
export { dnsRecordOf } from './dns-record.ts';
export { retireDkimKey } from './retire-dkim-key.ts';
