import type { SmtpReply } from '../deliveries/index.ts';

/**
 * What a reply means (standards 1.2). `sender`: our fault or the relay's mood, the reader is unharmed and the relay slows
 * down. `hard`: the mailbox does not exist, suppress. `soft`: full or disabled, counts but does not suppress.
 * `content`: the message or our reputation. `protocol`: our bug. `credentials`: nobody can be mailed.
 */
export const REPLY_CLASSES = [
  'transient',
  'sender',
  'hard',
  'soft',
  'content',
  'protocol',
  'credentials',
  'unknown',
] as const;
export type ReplyClass = (typeof REPLY_CLASSES)[number];

interface ReplyRule {
  readonly class: ReplyClass;
  /** Stable code for `deliveries.reason`. */
  readonly reason: string;
  readonly codes?: readonly number[];
  /** Matched against the RFC 3463 code, which beats the basic code (R16). */
  readonly enhanced?: RegExp;
  /** These basic codes mean one thing only, also beside an enhanced code that could mean another. */
  readonly whatever?: true;
  /** Only where the codes say nothing themselves. */
  readonly text?: RegExp;
}

/** First match wins. */
const RULES: readonly ReplyRule[] = [
  { class: 'sender', reason: 'sender_throttled', enhanced: /^4\.7\./ },
  { class: 'credentials', reason: 'relay_login_refused', codes: [530, 534, 535, 538], whatever: true },
  { class: 'protocol', reason: 'protocol_error', codes: [500, 501, 502, 503, 504], enhanced: /^5\.5\.[0-24-9]/ },
  { class: 'transient', reason: 'too_many_recipients', enhanced: /^4\.5\.3$/ },
  { class: 'transient', reason: 'mailbox_busy', enhanced: /^4\.2\./ },
  { class: 'transient', reason: 'relay_busy', enhanced: /^4\.[34]\./ },
  { class: 'hard', reason: 'mailbox_unknown', enhanced: /^5\.1\.(?:[1236]|10)$/ },
  { class: 'soft', reason: 'mailbox_full', enhanced: /^5\.2\.2$/ },
  { class: 'soft', reason: 'mailbox_disabled', enhanced: /^5\.2\.1$/ },
  { class: 'soft', reason: 'undeliverable_for_now', enhanced: /^5\.4\./ },
  { class: 'content', reason: 'message_too_large', enhanced: /^5\.(?:2\.3|3\.4)$/ },
  { class: 'content', reason: 'message_refused', enhanced: /^5\.[67]\./ },
  { class: 'soft', reason: 'mailbox_full', codes: [552], text: /quota|full|storage/i },
  {
    class: 'hard',
    reason: 'mailbox_unknown',
    codes: [550, 551, 553],
    text: /(?:user|mailbox|recipient|account|address)\b.{0,40}\b(?:unknown|not (?:found|exist)|does(?:n't| not) exist|invalid|unavailable)|(?:unknown|no such|invalid) (?:user|mailbox|recipient|account|address)/i,
  },
];

/** Whether every condition a rule names holds. An enhanced code, where there is one, beats the basic code. */
function matches(rule: ReplyRule, reply: SmtpReply): boolean {
  const { enhancedCode } = reply;
  const isGeneric = enhancedCode === undefined || /^[45]\.0\.0$/.test(enhancedCode);
  if (rule.enhanced !== undefined && enhancedCode !== undefined && rule.enhanced.test(enhancedCode)) {
    return true;
  }
  if (rule.codes === undefined || !rule.codes.includes(reply.code) || !(isGeneric || rule.whatever === true)) {
    return false;
  }
  return rule.text === undefined || rule.text.test(reply.text);
}

export interface ReplyMeaning {
  readonly class: ReplyClass;
  readonly reason: string;
  readonly isPermanent: boolean;
}

/** A bare 554 or 550 that no rule knows is `unknown`: rejected for this mail, and never hard on one event. */
export function readReply(reply: SmtpReply): ReplyMeaning {
  // 550 4.2.2 and the like: when the two codes differ, the reader gets another try.
  const isPermanent = reply.code >= 500 && reply.enhancedCode?.startsWith('4.') !== true;
  const rule = RULES.find((candidate) => matches(candidate, reply));
  if (rule !== undefined) {
    return { class: rule.class, reason: rule.reason, isPermanent };
  }
  return isPermanent
    ? { class: 'unknown', reason: 'refused', isPermanent }
    : { class: 'transient', reason: 'temporarily_refused', isPermanent };
}
