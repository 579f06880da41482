import { REPLY_TABLE, UNKNOWN_REPLIES } from './reply-table.ts';
import type { AddressVerdict, ReplyClass } from './reply-table.ts';

interface ReasonMeaning {
  readonly class: ReplyClass;
  readonly address: AddressVerdict;
}

/** A reason means one thing whichever row gave it, so what a delivery keeps is enough to know what follows. */
const MEANINGS: ReadonlyMap<string, ReasonMeaning> = new Map(
  [...REPLY_TABLE, ...Object.values(UNKNOWN_REPLIES)].map((row) => [
    row.reason,
    { class: row.class, address: row.action.address },
  ]),
);

/** Undefined for what no server said: `expired`, `render_failed`. */
export function meaningOf(reason: string): ReasonMeaning | undefined {
  return MEANINGS.get(reason);
}

export function reasonsWith(verdict: AddressVerdict): readonly string[] {
  return [...MEANINGS].filter(([, { address }]) => address === verdict).map(([reason]) => reason);
}
