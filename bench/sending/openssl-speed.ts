import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SECONDS = 3;

/** RSA-2048 signatures a second of one core, by `openssl speed`. */
export async function measureOpensslSigns(signal: AbortSignal): Promise<number> {
  const { stdout } = await run('openssl', ['speed', '-seconds', `${SECONDS}`, 'rsa2048'], { signal });
  const perSecond = /^rsa\s+2048 bits\s+\S+\s+\S+\s+(?<signs>[\d.]+)/m.exec(stdout)?.groups?.['signs'];
  if (perSecond === undefined) {
    throw new Error(`openssl speed said nothing that is understood:\n${stdout}`);
  }
  return Number(perSecond);
}
