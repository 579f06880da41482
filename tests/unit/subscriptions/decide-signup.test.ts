import { describe, expect, it } from 'vitest';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { decideSignup } from '../../../src/subscriptions/decide-signup.ts';
import type { SignupFacts } from '../../../src/subscriptions/decide-signup.ts';

const [DAILY, WEEKLY] = [1 as NewsletterId, 2 as NewsletterId];
const daily = { id: DAILY, optIn: 'double' } as const;
const weekly = { id: WEEKLY, optIn: 'double' } as const;
const singleDaily = { id: DAILY, optIn: 'single' } as const;
const singleWeekly = { id: WEEKLY, optIn: 'single' } as const;
const [both, singles, mixed] = [
  [daily, weekly],
  [singleDaily, singleWeekly],
  [singleDaily, weekly],
];
const only = (...ids: NewsletterId[]): ReadonlySet<NewsletterId> => new Set(ids);

const NEW_READER: SignupFacts = {
  newsletters: [weekly],
  activeIds: only(),
  leftIds: only(),
  suppressions: [],
  hasOpenConfirmation: false,
  hasOlderUnconfirmed: false,
  wasToldThisWeek: false,
  confirmationCount: 0,
};

const CASES: readonly (readonly [string, Partial<SignupFacts>, string])[] = [
  ['a confirmation to somebody new', {}, 'confirmation; pending 2'],
  ['nothing about a newsletter that is gone', { newsletters: [] }, 'nothing'],
  [
    'nothing while a mail of today is open',
    { hasOpenConfirmation: true, hasOlderUnconfirmed: true },
    'waiting; pending 2',
  ],
  ['a confirmation the next day', { hasOlderUnconfirmed: true, confirmationCount: 1 }, 'confirmation; pending 2'],
  ['a fifth confirmation in 90 days (R38)', { confirmationCount: 4 }, 'confirmation; pending 2'],
  ['no sixth confirmation in 90 days (R38)', { confirmationCount: 5 }, 'nothing'],
  ['a confirmation to who has left', { leftIds: only(WEEKLY) }, 'confirmation; pending 2'],
  ['a confirmation to who was erased', { suppressions: ['erasure'] }, 'confirmation; pending 2'],
  ['a confirmation after a hard bounce', { suppressions: ['hard-bounce'] }, 'confirmation; pending 2'],
  ['nothing to an address that refused us', { suppressions: ['manual'] }, 'nothing'],
  ['nothing to an address that complained', { suppressions: ['erasure', 'complaint'] }, 'nothing'],
  ['nothing to a reader whose address is shut', { suppressions: ['manual'], activeIds: only(WEEKLY) }, 'nothing'],
  ['a note to who reads it already', { activeIds: only(WEEKLY) }, 'already-subscribed'],
  ['no second note in a week', { activeIds: only(WEEKLY), wasToldThisWeek: true }, 'nothing'],
  ['a note whatever was confirmed', { activeIds: only(WEEKLY), confirmationCount: 9 }, 'already-subscribed'],
  ['a confirmation for the new one of two', { newsletters: both, activeIds: only(WEEKLY) }, 'confirmation; pending 1'],
  ['a note when both are read', { newsletters: both, activeIds: only(DAILY, WEEKLY) }, 'already-subscribed'],
  ['a welcome where single opt-in is enough', { newsletters: singles }, 'single; granted 1,2'],
  ['each newsletter its own way', { newsletters: mixed }, 'confirmation; granted 1; pending 2'],
  [
    'a grant, and nothing to confirm when the mails are used up',
    { newsletters: mixed, confirmationCount: 5 },
    'nothing; granted 1',
  ],
  [
    'a confirmation for all once anything was left',
    { newsletters: singles, leftIds: only(WEEKLY) },
    'confirmation; pending 1,2',
  ],
  [
    'a confirmation of single opt-in after an erasure',
    { newsletters: singles, suppressions: ['erasure'] },
    'confirmation; pending 1,2',
  ],
  [
    'a confirmation of single opt-in after a bounce',
    { newsletters: [singleWeekly], suppressions: ['hard-bounce'] },
    'confirmation; pending 2',
  ],
  [
    'a confirmation of single opt-in to who did not confirm before',
    { newsletters: [singleWeekly], hasOlderUnconfirmed: true },
    'confirmation; pending 2',
  ],
  [
    'no note right after a welcome',
    { newsletters: singles, activeIds: only(1 as NewsletterId, WEEKLY), wasToldThisWeek: true },
    'nothing',
  ],
];

describe('decideSignup', () => {
  it.each(CASES)('mails %s', (_what, facts, expected) => {
    const { decision, grantedIds, pendingIds } = decideSignup({ ...NEW_READER, ...facts });

    const parts = [
      decision,
      ...(grantedIds.length > 0 ? [`granted ${grantedIds.join(',')}`] : []),
      ...(pendingIds.length > 0 ? [`pending ${pendingIds.join(',')}`] : []),
    ];
    expect(parts.join('; ')).toBe(expected);
  });
});
