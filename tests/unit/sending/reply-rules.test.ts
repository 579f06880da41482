import { describe, expect, it } from 'vitest';
import { readReply } from '../../../src/sending/reply-rules.ts';
import { parseReply } from '../../../src/platform/smtp/index.ts';

/** The table of standards 1.2: what the server said, what it is, why the row is where it is. */
const REPLIES = [
  ['421 4.7.28 Our system has detected an unusual rate', 'sender', 'sender_throttled'],
  ['450 4.2.1 The user is receiving mail too quickly', 'transient', 'mailbox_busy'],
  ['451 4.3.0 Temporary system problem', 'transient', 'relay_busy'],
  ['451 Greylisted, try again later', 'transient', 'temporarily_refused'],
  ['452 4.5.3 Too many recipients', 'transient', 'too_many_recipients'],
  ['550 5.1.1 The account does not exist', 'hard', 'mailbox_unknown'],
  ['556 5.1.10 Recipient address has null MX', 'hard', 'mailbox_unknown'],
  ['550 No such user here', 'hard', 'mailbox_unknown'],
  ['553 sorry, that mailbox is unavailable', 'hard', 'mailbox_unknown'],
  ['552 5.2.2 Mailbox full', 'soft', 'mailbox_full'],
  ['552 Quota exceeded', 'soft', 'mailbox_full'],
  ['550 5.2.1 Mailbox disabled', 'soft', 'mailbox_disabled'],
  ['552 5.3.4 Message too big', 'content', 'message_too_large'],
  ['550 5.7.515 Access denied, sending domain does not meet the required level', 'content', 'message_refused'],
  ['550 5.7.26 This mail is unauthenticated', 'content', 'message_refused'],
  ['501 5.5.4 Invalid arguments', 'protocol', 'protocol_error'],
  ['503 Bad sequence of commands', 'protocol', 'protocol_error'],
  ['530 5.7.0 Authentication required', 'credentials', 'relay_login_refused'],
  ['535 Authentication failed', 'credentials', 'relay_login_refused'],
  ['554 Transaction failed', 'unknown', 'refused'],
  ['550 Denied by policy', 'unknown', 'refused'],
] as const;

describe('readReply', () => {
  it.each(REPLIES)('reads "%s" as %s', (line, replyClass, reason) => {
    expect(readReply(parseReply(line))).toEqual({ class: replyClass, reason, isPermanent: line.startsWith('5') });
  });

  it('lets the enhanced code beat the text (R16)', () => {
    expect(readReply(parseReply('550 5.7.1 user unknown in our reputation list')).class).toBe('content');
  });

  it('never calls an address dead after one reply that gives no reason', () => {
    for (const line of ['550 5.0.0 failed', '554 rejected', '550 blocked']) {
      expect(readReply(parseReply(line)).class).not.toBe('hard');
    }
  });
});
