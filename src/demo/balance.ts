import type { DemoDelivery } from './demo-readers.repository.ts';
import type { SinkEntry } from './sink-log.ts';

/** The ledger, as it stands at the end, against what the mail server wrote down itself. */
export interface Balance {
  readonly readers: number;
  /** Mails in the server's log. */
  readonly taken: number;
  readonly accepted: number;
  /** Listed as in doubt: nobody heard the reply to the final dot. */
  readonly ambiguous: number;
  /** Of these, how many the server has. */
  readonly ambiguousTaken: number;
  /** Booked as accepted and not in the server's log, or never settled. */
  readonly lost: number;
  /** Readers with two mails in the server's log. */
  readonly doubled: number;
  /** In the server's log, and not in the ledger. */
  readonly phantom: number;
}

export function drawBalance(ledger: readonly DemoDelivery[], log: readonly SinkEntry[]): Balance {
  const mails = Map.groupBy(log, ({ recipient }) => recipient);
  const has = ({ address }: DemoDelivery): boolean => mails.has(address);
  const accepted = ledger.filter(({ state }) => state === 'accepted');
  const ambiguous = ledger.filter(({ state }) => state === 'ambiguous');
  const others = ledger.length - accepted.length - ambiguous.length;
  const known = new Set([...accepted, ...ambiguous].map(({ address }) => address));
  return {
    readers: ledger.length,
    taken: log.length,
    accepted: accepted.length,
    ambiguous: ambiguous.length,
    ambiguousTaken: ambiguous.filter(has).length,
    lost: accepted.filter((row) => !has(row)).length + others,
    doubled: [...mails.values()].filter(({ length }) => length > 1).length,
    phantom: [...mails.keys()].filter((recipient) => !known.has(recipient)).length,
  };
}

export function isClean({ lost, doubled, phantom }: Balance): boolean {
  return lost === 0 && doubled === 0 && phantom === 0;
}
