/**
 * Options of Node for a worker, also in package.json and docker-compose.yml. Thousands of mails a second leave short-lived objects behind; V8 would
 * give them ever more room before it cleans up (measured: 280 MB resident instead of 184, at the same rate).
 */
export const WORKER_FLAGS: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=30'];
