import { InvalidArgumentError } from 'commander';
import { SCOPES } from '../shared/actor.ts';
import type { Scope } from '../shared/actor.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { CampaignId, LegalDocumentId } from '../shared/ids.ts';
import { parseSendWindow } from '../shared/send-window.ts';
import type { SendWindow } from '../shared/send-window.ts';

/* For commander: what cannot be right is a usage error, before anything is opened. */

export function toCampaignId(text: string): CampaignId {
  return toPositiveInteger(text) as CampaignId;
}

export function toLegalDocumentId(text: string): LegalDocumentId {
  return toPositiveInteger(text) as LegalDocumentId;
}

export function toPositiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value === 0) {
    throw new InvalidArgumentError('It must be a whole number above zero.');
  }
  return value;
}

/** RFC 3339, with its offset: a time without a zone would be read differently on another machine. */
export function toInstant(text: string): Date {
  const instant = new Date(text);
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(text) ||
    Number.isNaN(instant.getTime())
  ) {
    throw new InvalidArgumentError('Use RFC 3339 with an offset, such as 2026-11-30T08:00:00+01:00.');
  }
  return instant;
}

const WALL_CLOCK = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?$/i;

/** An instant, or without an offset what the readers' clocks show. */
export function toStart(text: string): Date | string {
  const [, minute, second = ':00'] = WALL_CLOCK.exec(text) ?? [];
  if (minute === undefined || Number.isNaN(Date.parse(`${minute}${second}Z`))) {
    return toInstant(text);
  }
  return `${minute}${second}`.toUpperCase();
}

export function toSendWindow(text: string): SendWindow {
  const window = parseSendWindow(text);
  if (window === undefined) {
    throw new InvalidArgumentError('Use two different times, such as 08:00-20:00; 22:00-06:00 spans midnight.');
  }
  return window;
}

export function toAddress(text: string): ParsedAddress {
  const parsed = parseEmailAddress(text);
  if (parsed === undefined) {
    throw new InvalidArgumentError('This is not a mail address that mail servers accept.');
  }
  return parsed;
}

/** May be given several times. */
export function collectAddresses(text: string, earlier: readonly ParsedAddress[] = []): readonly ParsedAddress[] {
  return [...earlier, toAddress(text)];
}

/** May be given several times, or with commas. */
export function collectScopes(text: string, earlier: readonly Scope[] = []): readonly Scope[] {
  const given = text.split(',').map((name) => {
    const scope = SCOPES.find((known) => known === name.trim());
    if (scope === undefined) {
      throw new InvalidArgumentError(`There is no such scope; known are ${SCOPES.join(', ')}.`);
    }
    return scope;
  });
  return [...earlier, ...given];
}
