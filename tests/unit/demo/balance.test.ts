import { expect, it } from 'vitest';
import { drawBalance, isClean } from '../../../src/demo/balance.ts';
import type { SinkEntry } from '../../../src/demo/sink-log.ts';

const row = (name: string, state: string): { readonly address: string; readonly state: string } => ({
  address: `${name}@readers.example`,
  state,
});
const mail = (name: string): SinkEntry => ({
  messageId: `<${name}@courant.example>`,
  recipient: `${name}@readers.example`,
  sha256: '00',
  at: '2026-11-22T20:00:00.000Z',
});

it('a ledger that the log of the server agrees with is clean, whether or not it has the mails in doubt', () => {
  const ledger = [row('ada', 'accepted'), row('bo', 'ambiguous'), row('cy', 'ambiguous')];
  const balance = drawBalance(ledger, [mail('ada'), mail('bo')]);
  expect(balance).toMatchObject({ readers: 3, taken: 2, accepted: 1, ambiguous: 2, ambiguousTaken: 1 });
  expect(isClean(balance)).toBe(true);
});

it.each([
  ['lost', [row('ada', 'accepted')], []],
  ['lost', [row('ada', 'planned')], []],
  ['doubled', [row('ada', 'accepted')], [mail('ada'), mail('ada')]],
  ['doubled', [row('ada', 'ambiguous')], [mail('ada'), mail('ada')]],
  ['phantom', [row('ada', 'accepted')], [mail('ada'), mail('bo')]],
] as const)('finds who is %s', (what, ledger, log) => {
  const balance = drawBalance(ledger, log);
  expect(balance[what]).toBe(1);
  expect(isClean(balance)).toBe(false);
});
