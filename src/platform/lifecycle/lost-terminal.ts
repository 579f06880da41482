/**
 * Whether this is a write to a terminal or a pipe that has gone away (the window was closed, `| head` has ended). That
 * is no reason to drop the work in hand: the signal that comes with it, if any, ends the process in order.
 */
export function isLostTerminal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) {
    return false;
  }
  return error.syscall === 'write' && (error.code === 'EPIPE' || error.code === 'EIO');
}
