import {
  BLAMED,
  GREYLISTED,
  MAILBOX_DISABLED,
  MAILBOX_FULL,
  THROTTLED,
  TOO_LARGE,
  UNKNOWN_USER,
} from './reply-words.ts';

/**
 * What servers answer and what follows from it (standards 1.2), as data: the rows stand in the order of that table. How a reply finds
 * its row is told in read-reply.ts, what follows is done by interpret-result.ts and suppress-after-rejections.ts.
 */
export const REPLY_CLASSES = [
  /** Not now. */
  'transient',
  /** Our fault or the relay's mood: the reader is unharmed, whoever said it is left alone for a while. */
  'sender',
  /** The mailbox does not exist. */
  'hard',
  /** Full, disabled, out of reach: permanent for this mail, and counted. */
  'soft',
  /** The message or our reputation. */
  'content',
  /** Our bug, or a server that reads another SMTP than ours. */
  'protocol',
  /** The relay does not know us: nobody can be mailed. */
  'credentials',
  'unknown',
] as const;
export type ReplyClass = (typeof REPLY_CLASSES)[number];

/** What a rejection means for the address: closed at once, or when it happened so many times in so many days with no acceptance in between. */
export type AddressVerdict = 'keep' | 'suppress' | 'suppress-when-repeated' | 'count';

export interface ReplyAction {
  /**
   * `retry`: after the backoff of refusals, half an hour or more for bulk (RFC 5321 4.5.4.1). `retry-soon`: nobody has refused this
   * reader, the pause is what slows down. `retry-thrice`: as `retry`, and the third time it is rejected. `reject`: over for this mail.
   */
  readonly delivery: 'retry' | 'retry-soon' | 'retry-thrice' | 'reject';
  readonly address: AddressVerdict;
  /** Who is left alone for a while. `domain` is the recipient's, once the server has heard of it; before that the relay. */
  readonly pause: 'nobody' | 'relay' | 'domain';
}

export interface ReplyRow {
  readonly class: ReplyClass;
  /** Stable code for `deliveries.reason`; tells class and action. */
  readonly reason: string;
  /** The RFC 3463 code, which beats the basic code (R16). With `text` both must match: a habit that the code hides. */
  readonly enhanced?: RegExp;
  /** The basic code, read when there is no RFC 3463 code, or one that says nothing (x.0.0). */
  readonly codes?: readonly number[];
  /** Beside `codes` or alone (any code): the words, where the codes say nothing themselves. */
  readonly text?: RegExp;
  /** These basic codes mean one thing only, also beside an RFC 3463 code that could mean another. */
  readonly isPlain?: true;
  readonly action: ReplyAction;
}

const RETRY: ReplyAction = { delivery: 'retry', address: 'keep', pause: 'nobody' };
const NEXT_TRANSACTION: ReplyAction = { delivery: 'retry-soon', address: 'keep', pause: 'nobody' };
const SLOW_DOWN: ReplyAction = { delivery: 'retry-soon', address: 'keep', pause: 'domain' };
const SLOW_RELAY: ReplyAction = { delivery: 'retry-soon', address: 'keep', pause: 'relay' };
const CLOSE_ADDRESS: ReplyAction = { delivery: 'reject', address: 'suppress', pause: 'nobody' };
const CLOSE_WHEN_REPEATED: ReplyAction = { delivery: 'reject', address: 'suppress-when-repeated', pause: 'nobody' };
const COUNT: ReplyAction = { delivery: 'reject', address: 'count', pause: 'nobody' };
/** Counted against the campaign, never against the reader. */
const BLAME_MESSAGE: ReplyAction = { delivery: 'reject', address: 'keep', pause: 'nobody' };
const STOP_RELAY: ReplyAction = { delivery: 'retry-soon', address: 'keep', pause: 'relay' };
/** One strange address must not stop everything for ever. */
const STOP_RELAY_THRICE: ReplyAction = { delivery: 'retry-thrice', address: 'keep', pause: 'relay' };

/** The codes of RFC 7372 and 8601 and what Gmail and Microsoft have added: SPF, DKIM, DMARC, PTR, TLS. */
const UNPROVEN = '7\\.(?:2[0-79]|3[0-2]|40|509|515)';

/**
 * Nothing but "something about the address, the mailbox, the protocol", and what Microsoft has added beside 5.1.10: the words say more.
 */
const VAGUE = /^5\.(?:[125]\.0|1\.\d{2,3})$/;

/** The order of standards 1.2. */
export const REPLY_TABLE: readonly ReplyRow[] = [
  // Greylisting: of this sender and this reader, whatever code it comes with. A pause for the domain would make it worse.
  { class: 'transient', reason: 'greylisted', enhanced: /^4\./, text: GREYLISTED, action: RETRY },
  { class: 'transient', reason: 'mailbox_busy', enhanced: /^4\.2\./, action: RETRY },
  { class: 'transient', reason: 'relay_busy', enhanced: /^4\.[34]\./, action: RETRY },
  // Also as 552 5.5.3, which RFC 5321 4.5.3.1.10 wants to be read as temporary.
  { class: 'transient', reason: 'too_many_recipients', enhanced: /^[45]\.5\.3$/, action: NEXT_TRANSACTION },
  { class: 'sender', reason: 'sender_unauthenticated', enhanced: new RegExp(`^4\\.${UNPROVEN}$`), action: SLOW_DOWN },
  { class: 'sender', reason: 'sender_throttled', enhanced: /^4\.7\./, action: SLOW_DOWN },
  // The address that bounces would go to cannot be found, says the server.
  { class: 'sender', reason: 'sender_doubted', enhanced: /^4\.1\.[78]$/, action: SLOW_DOWN },
  // GoDaddy's IB607 says 5.1.1 to a sender who is too fast. Closing addresses for that would empty a list in an hour.
  {
    class: 'sender',
    reason: 'sender_throttled',
    enhanced: /^5\.1\.1$/,
    text: /\btoo many recipients\b/i,
    action: SLOW_DOWN,
  },
  { class: 'hard', reason: 'mailbox_unknown', enhanced: /^5\.1\.(?:[1236]|10)$/, action: CLOSE_ADDRESS },
  { class: 'soft', reason: 'mailbox_full', enhanced: /^5\.2\.2$/, action: COUNT },
  { class: 'soft', reason: 'mailbox_disabled', enhanced: /^5\.2\.1$/, action: COUNT },
  { class: 'soft', reason: 'undeliverable_for_now', enhanced: /^5\.(?:4\.|3\.[0125]$)/, action: COUNT },
  { class: 'content', reason: 'message_too_large', enhanced: /^5\.(?:2\.3|3\.4)$/, action: BLAME_MESSAGE },
  {
    class: 'content',
    reason: 'refused_unauthenticated',
    enhanced: new RegExp(`^5\\.${UNPROVEN}$`),
    action: BLAME_MESSAGE,
  },
  // 5.1.7, 5.1.8: our own address is what they do not like.
  { class: 'content', reason: 'message_refused', enhanced: /^5\.(?:[67]\.|1\.[78]$)/, action: BLAME_MESSAGE },
  // Hotmail's "550 5.5.0 Requested action not taken: mailbox unavailable", Cisco's "550 5.1.0 Address rejected: user unknown".
  { class: 'soft', reason: 'mailbox_full', enhanced: VAGUE, text: MAILBOX_FULL, action: COUNT },
  { class: 'soft', reason: 'mailbox_disabled', enhanced: VAGUE, text: MAILBOX_DISABLED, action: COUNT },
  { class: 'content', reason: 'message_refused', enhanced: VAGUE, text: BLAMED, action: BLAME_MESSAGE },
  {
    class: 'hard',
    reason: 'mailbox_unknown_in_words',
    enhanced: VAGUE,
    text: UNKNOWN_USER,
    action: CLOSE_WHEN_REPEATED,
  },
  { class: 'protocol', reason: 'protocol_error', enhanced: /^5\.5\./, action: STOP_RELAY_THRICE },
  // 555: a parameter of MAIL or RCPT that the server does not know.
  { class: 'protocol', reason: 'protocol_error', codes: [500, 501, 502, 503, 504, 555], action: STOP_RELAY_THRICE },
  {
    class: 'credentials',
    reason: 'relay_login_refused',
    codes: [530, 534, 535, 538],
    isPlain: true,
    action: STOP_RELAY,
  },
  // Bare codes: first what the words say, and the cautious reading first.
  { class: 'transient', reason: 'greylisted', codes: [421, 450, 451], text: GREYLISTED, action: RETRY },
  { class: 'transient', reason: 'too_many_recipients', text: /\btoo many recipients\b/i, action: NEXT_TRANSACTION },
  // Amazon SES, about the account and not about the reader.
  { class: 'sender', reason: 'relay_throttled', codes: [454], text: /\bthrottling failure\b/i, action: SLOW_RELAY },
  { class: 'sender', reason: 'sender_throttled', codes: [421, 450, 451, 452, 454], text: THROTTLED, action: SLOW_DOWN },
  { class: 'soft', reason: 'mailbox_full', codes: [550, 551, 552, 553, 554], text: MAILBOX_FULL, action: COUNT },
  { class: 'soft', reason: 'mailbox_disabled', codes: [550, 551, 553, 554], text: MAILBOX_DISABLED, action: COUNT },
  {
    class: 'content',
    reason: 'message_too_large',
    codes: [552, 554],
    text: TOO_LARGE,
    action: BLAME_MESSAGE,
  },
  {
    class: 'content',
    reason: 'message_refused',
    codes: [550, 551, 553, 554, 571],
    text: BLAMED,
    action: BLAME_MESSAGE,
  },
  {
    class: 'hard',
    reason: 'mailbox_unknown_in_words',
    codes: [550, 551, 553, 554],
    text: UNKNOWN_USER,
    action: CLOSE_WHEN_REPEATED,
  },
];

/** Whatever no row knows. Never hard on one event. */
export const UNKNOWN_REPLIES = {
  temporary: { class: 'transient', reason: 'temporarily_refused', action: RETRY },
  permanent: { class: 'unknown', reason: 'refused', action: COUNT },
} as const satisfies Readonly<Record<string, ReplyRow>>;
