/** What a role process tells its supervisor over the IPC channel. */
export type RoleMessage =
  | { readonly type: 'ready'; readonly info: RoleInfo }
  /** The reason of the exit that follows, for the line that the supervisor prints. */
  | { readonly type: 'failed'; readonly message: string };

/** Facts about a role that is up, e.g. the port that it got. */
export type RoleInfo = Readonly<Record<string, string | number | boolean | null>>;

/** Set to `1` for processes that a supervisor runs: it decides when they stop, not the terminal. */
export const SUPERVISED_VARIABLE = 'COURANT_SUPERVISED';

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
/** EX_CONFIG of sysexits.h: starting again does not help before somebody has changed a setting. */
export const EXIT_SETTING = 78;

export function isRoleMessage(message: unknown): message is RoleMessage {
  if (typeof message !== 'object' || message === null || !('type' in message)) {
    return false;
  }
  return message.type === 'ready' || message.type === 'failed';
}
