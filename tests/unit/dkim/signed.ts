import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { DKIMResult } from 'mailauth';
import { signMessage } from '../../../src/dkim/sign-message.ts';
import type { SignableMessage } from '../../../src/dkim/sign-message.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const KEY_RECORD = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
export const SIGNED_AT = new Date('2026-11-23T07:00:00.987Z');

export function messageOf(header: readonly string[], body: string, bodyIsCanonical = false): SignableMessage {
  return {
    header: Buffer.from(header.map((line) => `${line}\r\n`).join('')),
    body: Buffer.from(body),
    bodyIsCanonical,
  };
}

export function signField(message: SignableMessage): Promise<Buffer> {
  return signMessage(message, { domain: 'courant.example', selector: 's1', privateKey, signedAt: SIGNED_AT });
}

/** As a receiver gets it: DATA ends each message with CRLF. */
export function joinMessage(field: Buffer, { header, body }: SignableMessage): Buffer {
  const isEnded = body.length === 0 || body.toString('latin1').endsWith('\r\n');
  return Buffer.concat([field, header, Buffer.from('\r\n'), body, Buffer.from(isEnded ? '' : '\r\n')]);
}

/** What mailauth, which shares no code with us, finds in the bytes; the record is the one in "DNS". */
export async function verifyWithMailauth(bytes: Buffer, record = KEY_RECORD): Promise<DKIMResult | undefined> {
  const { results } = await dkimVerify(bytes, { resolver: () => Promise.resolve([[record]]) });
  return results[0];
}

export async function verifySigned(message: SignableMessage): Promise<DKIMResult | undefined> {
  return verifyWithMailauth(joinMessage(await signField(message), message));
}
