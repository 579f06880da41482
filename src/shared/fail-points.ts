/**
 * Places on a mail's way at which a crash test ends the process, as `kill -9` would. In the order of the way; each name says what has just
 * happened (docs/guarantees.md has the table).
 */
export const FAIL_POINTS = [
  'freeze',
  'freeze-commit',
  'claim',
  'render',
  'connect',
  'mail',
  'rcpt',
  'data',
  'last-block',
  'dot-commit',
  'dot',
  'reply-read',
  'outcome-commit',
  'block-done',
  'job-ack',
  'sweep',
] as const;

/** On an issue's way to its campaign, which takes the mails' way from there. All but the two of a commit lie in a transaction. */
export const ISSUE_FAIL_POINTS = [
  'issue-schedule',
  'issue-row',
  'issue-articles',
  'issue-campaign',
  'issue-commit',
  'approve-row',
  'approve-commit',
  'drop-row',
  'drop-articles',
] as const;
export type IssueFailPoint = (typeof ISSUE_FAIL_POINTS)[number];
export type FailPoint = (typeof FAIL_POINTS)[number] | IssueFailPoint;

/** `COURANT_FAIL_AT=dot:3`: the third time this process gets there. Only for tests; unset it costs one comparison. */
const target = /^(?<name>[a-z-]+):(?<pass>\d+)$/.exec(process.env['COURANT_FAIL_AT'] ?? '')?.groups;
let passesLeft = Number(target?.['pass'] ?? 0);

/** Ends the process at once, without any cleaning up, if the test that started it asked for that here. */
export function passFailPoint(point: FailPoint): void {
  if (target?.['name'] === point) {
    passesLeft -= 1;
    if (passesLeft === 0) {
      process.kill(process.pid, 'SIGKILL');
      // The signal is delivered asynchronously, and nothing may happen until it is.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
    }
  }
}
