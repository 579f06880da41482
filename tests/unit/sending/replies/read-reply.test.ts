import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReply } from '../../../../src/platform/smtp/index.ts';
import { meaningOf } from '../../../../src/sending/replies/reasons.ts';
import { readReply } from '../../../../src/sending/replies/read-reply.ts';
import { REPLY_TABLE, UNKNOWN_REPLIES } from '../../../../src/sending/replies/reply-table.ts';
import { BOUNCES, readLabelledReplies } from './labelled-replies.ts';
import { REAL_REPLIES } from './real-replies.ts';

const read = (line: string) => readReply(parseReply(line));

describe('readReply', () => {
  it.each(REAL_REPLIES)('reads "%s" as %s: %s', (line, replyClass, reason) => {
    expect(read(line)).toMatchObject({ class: replyClass, reason });
  });

  it('has a real reply for every row of the table', () => {
    const met = new Set(REAL_REPLIES.map(([line]) => read(line)));

    expect([...REPLY_TABLE, ...Object.values(UNKNOWN_REPLIES)].filter((row) => !met.has(row))).toEqual([]);
  });

  it('lets a reason mean one thing, whichever row gave it', () => {
    for (const row of [...REPLY_TABLE, ...Object.values(UNKNOWN_REPLIES)]) {
      expect(meaningOf(row.reason)).toEqual({ class: row.class, address: row.action.address });
    }
  });

  it('lets the enhanced code beat the basic code and the words (R16)', () => {
    expect(read('550 5.7.1 user unknown in our reputation list').class).toBe('content');
    expect(read('501 5.1.3 Bad recipient address syntax').class).toBe('hard');
    expect(read('550 5.2.1 <x@example.net>... User Unknown').class).toBe('soft');
    expect(read('554 5.1.1 blocked for spam').class).toBe('hard');
  });

  it('reads the words only where the code says nothing (R16)', () => {
    expect(read('550 5.0.0 no such user').reason).toBe('mailbox_unknown_in_words');
    expect(read('550 5.4.0 no such user').reason).toBe('undeliverable_for_now');
  });

  it('never closes an address on one event that names no code', () => {
    const words = fc.constantFrom('no such user', 'user unknown', 'blocked', 'spam', 'mailbox full', 'go away', '');
    fc.assert(
      fc.property(fc.constantFrom(550, 551, 552, 553, 554), fc.array(words), fc.string(), (code, phrases, noise) => {
        const row = readReply({
          code,
          enhancedCode: undefined,
          text: `${code} ${phrases.join(' ')} ${noise.replace(/[#(<\d]/g, '')}`,
        });
        expect(row.action.address).not.toBe('suppress');
      }),
    );
  });

  it('finds a row for every reply there can be, and none that rejects a temporary one', () => {
    const detail = fc.integer({ min: 0, max: 999 });
    const enhanced = fc.option(
      fc.tuple(fc.constantFrom('4', '5'), detail, detail).map((parts) => parts.join('.')),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), enhanced, fc.string(), (code, enhancedCode, text) => {
        const row = readReply({ code, enhancedCode, text });
        const isTemporary = code < 500 || enhancedCode?.startsWith('4.') === true;
        expect(isTemporary && row.action.delivery === 'reject').toBe(false);
      }),
    );
  });
});

describe.runIf(existsSync(BOUNCES))('readReply of 374 labelled bounces', () => {
  const labelled = readLabelledReplies();

  it('closes no address at once that the labels do not call dead', () => {
    const wrong = labelled.filter(({ isHard, reply }) => !isHard && readReply(reply).action.address === 'suppress');

    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('believes words only when they say that nobody is there', () => {
    const doubted = labelled.filter(({ isHard, reply }) => !isHard && readReply(reply).class === 'hard');

    // The label "filtered" is an opinion about servers that say "user unknown" of mailboxes they do not want to let in.
    expect(doubted.filter(({ reply }) => !/unknown|no such user/i.test(reply.text))).toEqual([]);
  });

  it('finds more than three quarters of the dead ones', ({ annotate }) => {
    const dead = labelled.filter(({ isHard }) => isHard);
    const found = dead.filter(({ reply }) => readReply(reply).class === 'hard');

    void annotate(`${found.length} of ${dead.length} that the labels call dead are found dead by one reply`);
    expect(found.length / dead.length).toBeGreaterThan(0.75);
  });
});
