export { recordAudit } from './audit.repository.ts';
export type { AuditEntry } from './audit.repository.ts';
export { auditRoutes } from './audit.routes.ts';
