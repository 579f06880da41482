export { currentDocuments, hasSampleDocuments } from './current-documents.ts';
export { signupClosedReason } from './legal-document.ts';
export type { ClosedReason, CurrentDocuments } from './legal-document.ts';
export { legalPages, legalRoutes } from './legal.routes.ts';
export { publishDocument } from './publish-document.ts';
export { seedLegalDocuments } from './sample-documents.ts';
export { findStartBarrier } from './start-barrier.ts';
