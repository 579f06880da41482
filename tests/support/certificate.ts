import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { provideTools } from './provide.ts';

const run = promisify(execFile);

/** A self-made certificate, which nobody trusts until told to (`tls.setDefaultCACertificates`). */
export async function makeCertificate(host: string): Promise<{ readonly key: string; readonly cert: string }> {
  const { openssl } = await provideTools(['openssl']);
  const directory = await mkdtemp(join(tmpdir(), 'courant-certificate-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  try {
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const name = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=${/^[\d.]+$/.test(host) ? 'IP' : 'DNS'}:${host}`];
    await run(openssl, ['req', ...kind, ...name, '-keyout', key, '-out', cert]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(directory, { recursive: true });
  }
}
