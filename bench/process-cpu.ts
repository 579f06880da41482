import { readFile } from 'node:fs/promises';

/** The kernel counts in hundredths of a second (USER_HZ), whatever its own clock. */
const MS_PER_TICK = 10;

/**
 * Processor time that a process has used, its children's not included. Unlike the time on the wall it hardly changes when
 * something else runs on the machine, so it tells of two versions of the code which is the dearer one.
 */
export async function readCpuMs(pid: number): Promise<number> {
  return parseCpuMs(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

/** The second field, the name, may hold spaces and brackets; `utime` and `stime` are the 14th and 15th. */
export function parseCpuMs(stat: string): number {
  const [, , , , , , , , , , , utime, stime] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(utime) + Number(stime)) * MS_PER_TICK;
}
