export { isLostTerminal } from './lost-terminal.ts';
export { probePort } from './probe-port.ts';
export { EXIT_FAILED, EXIT_OK, EXIT_SETTING } from './role-messages.ts';
export type { RoleInfo } from './role-messages.ts';
export { runRole } from './run-role.ts';
export type { Role, StartedRole } from './run-role.ts';
export { superviseChild } from './supervise-child.ts';
export type { ChildFailure, ChildOptions, SupervisedChild } from './supervise-child.ts';
