export { alertPath, describeAlert } from './alert.ts';
export { issueAlertsRoutes } from './issue-alerts.routes.ts';
export { countAlerts, readAlerts } from './read-alerts.ts';
export type { Alert } from './read-alerts.ts';
export { watchIssues } from './watch-issues.ts';
