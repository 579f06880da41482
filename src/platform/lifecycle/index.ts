export { isLostTerminal } from './lost-terminal.ts';
export { probePort } from './probe-port.ts';
export { EXIT_FAILED, EXIT_OK, EXIT_SETTING } from './role-messages.ts';
export { runRole } from './run-role.ts';
export { superviseChild } from './supervise-child.ts';
export type { ChildFailure } from './supervise-child.ts';
export { WORKER_FLAGS } from './worker-flags.ts';
