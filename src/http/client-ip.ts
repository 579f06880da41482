import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/** Ranges in which a peer is a proxy, a container bridge or a program of this machine, and never a reader on the internet. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  'private',
  'loopback',
  'uniqueLocal',
  'linkLocal',
  'carrierGradeNat',
]);

/** For those who ask where a request came from and need nothing else of it. */
export type ClientRequest = Request;

export interface ClientAddress {
  /** What may be recorded as where a request came from; null when nobody can know. */
  readonly ip: string | null;
  /**
   * What limits count; null where one address may stand for all readers: a peer in a private range that no trusted proxy vouched
   * for. A limit for each IP would lock everybody out there.
   */
  readonly limitIp: string | null;
  /** Somebody says who the client is and TRUST_PROXY does not name them. */
  readonly isUntrustedForward: boolean;
}

/** Where a request came from, by TRUST_PROXY alone (A5): headers of a peer that it does not name are not believed. */
export function readClientAddress(req: ClientRequest): ClientAddress {
  const peer = req.socket.remoteAddress;
  const trusts = req.app.get('trust proxy fn') as (address: string | undefined, hop: number) => boolean;
  const isPrivatePeer = peer !== undefined && isPrivate(peer);
  const isForwarded = req.get('x-forwarded-for') !== undefined || req.get('forwarded') !== undefined;
  const isUntrustedForward = isForwarded && !trusts(peer, 0);
  const ip = req.ip ?? null;
  return {
    ip: isUntrustedForward && isPrivatePeer ? null : ip,
    limitIp: isPrivatePeer && ip === peer ? null : ip,
    isUntrustedForward,
  };
}

function isPrivate(address: string): boolean {
  return ipaddr.isValid(address) && PRIVATE_RANGES.has(ipaddr.process(address).range());
}
