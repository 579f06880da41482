import { describe, expect, it } from 'vitest';
import { decideSignup } from '../../../src/subscriptions/decide-signups.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';

const DAILY = 1 as NewsletterId;
const WEEKLY = 2 as NewsletterId;
const NEW_READER = {
  newsletterIds: [WEEKLY],
  activeIds: [],
  isShut: false,
  isRepeat: false,
  confirmationsToday: 0,
  wasToldThisWeek: false,
} as const;

describe('decideSignup', () => {
  it.each([
    ['a confirmation to somebody new', {}, 'confirmation'],
    ['nothing after a double click', { isRepeat: true }, 'nothing'],
    ['a fourth and a fifth confirmation in a day', { confirmationsToday: 4 }, 'confirmation'],
    ['no sixth confirmation in a day', { confirmationsToday: 5 }, 'nothing'],
    ['nothing to an address that is shut', { isShut: true }, 'nothing'],
    ['nothing to a reader whose address is shut', { isShut: true, activeIds: [WEEKLY] }, 'nothing'],
    ['a note to somebody who reads it already', { activeIds: [WEEKLY] }, 'already-subscribed'],
    ['no second note in a week', { activeIds: [WEEKLY], wasToldThisWeek: true }, 'nothing'],
    ['a note whatever was confirmed today', { activeIds: [WEEKLY], confirmationsToday: 9 }, 'already-subscribed'],
    [
      'a confirmation when one of two newsletters is new',
      { newsletterIds: [DAILY, WEEKLY], activeIds: [WEEKLY] },
      'confirmation',
    ],
    [
      'a confirmation for the new one of two even after a note',
      { newsletterIds: [DAILY, WEEKLY], activeIds: [WEEKLY], wasToldThisWeek: true },
      'confirmation',
    ],
    [
      'a note when both are read already',
      { newsletterIds: [DAILY, WEEKLY], activeIds: [WEEKLY, DAILY] },
      'already-subscribed',
    ],
  ] as const)('mails %s', (_what, state, decision) => {
    expect(decideSignup({ ...NEW_READER, ...state })).toBe(decision);
  });
});
