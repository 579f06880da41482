/**
 * What servers write where their codes say nothing. Every repetition is bounded: the words come from strangers. Where several
 * would fit, the row that stands first in the table wins, and the cautious ones stand first.
 */
function anyOf(...phrases: readonly string[]): RegExp {
  return new RegExp(`\\b(?:${phrases.join('|')})\\b`, 'i');
}

const MAILBOX = '(?:users?|mailbox(?:es)?|recipients?|accounts?|address(?:es)?|e-?mail|inbox|destination)';

/** "User unknown", "no such user here", "This user doesn't have a yahoo.com account". */
export const UNKNOWN_USER = anyOf(
  `${MAILBOX}\\b.{0,60}?\\b(?:unknown|not (?:be )?found|not known|non-?existent|not exists?|does(?:n'?t| not) exist|invalid)`,
  `${MAILBOX}\\b.{0,60}?\\b(?:no longer (?:exists?|valid|available|in use)|not (?:a )?valid|not listed|not here)`,
  `${MAILBOX}\\b.{0,60}?\\b(?:unavailable|undeliverable|unrouteable)`,
  `(?:unknown|no such|invalid|bad|non-?existent|unrouteable) (?:(?:local|virtual|e-?mail|destination|recipient) )?${MAILBOX}`,
  `(?:there is no|not an?(?: (?:known|valid))?|not our) (?:${MAILBOX}|customer)`,
  `do(?:es)?(?:n'?t| not) have an? (?:\\S{1,80} )?${MAILBOX}`,
  'no mailbox (?:here )?by that name',
  '(?:host|domain) (?:is )?unknown',
);

export const MAILBOX_FULL = anyOf(
  'over ?quota',
  'quota\\b.{0,20}\\b(?:exceeded|full)',
  'exceed(?:ed|s|ing)?\\b.{0,30}\\bquota',
  '(?:mailbox|inbox|disk|storage|mail ?store|account)\\b.{0,30}\\b(?:full|over its|exceeded)',
  'out of storage',
  'insufficient (?:system )?storage',
  'not enough (?:disk )?space',
  'too large for (?:this )?mailbox',
);

export const MAILBOX_DISABLED = anyOf(
  `${MAILBOX}\\b.{0,50}\\b(?:disabled|inactive|suspended|locked|not active|deactivated|has been (?:closed|frozen))`,
  `${MAILBOX}\\b.{0,50}\\b(?:temporarily|currently) unavailable`,
  `(?:disabled|inactive|suspended) ${MAILBOX}`,
);

/** Spam, block lists, policy, authentication, relaying: the message or who sends it. */
export const BLAMED = anyOf(
  'spam\\w*|junk|unsolicited|bulk mail|virus|malware|phish\\w*',
  'black ?list\\w*|block ?list\\w*|dnsbl|rbl|spamhaus|barracuda|listed (?:in|at|on|by)',
  'blocked|banned|denied|forbidden|prohibited|access restricted',
  'reputation|policy|policies|content (?:rejected|filter\\w*)',
  'not (?:allowed|authori[sz]ed|permitted|accepted)|relay(?:ing)?',
  'authenticat\\w*|spf|dkim|dmarc|rdns|ptr|reverse dns',
  'sender\\b.{0,40}\\b(?:rejected|refused|denied|invalid|unknown|verify)',
  'messages from\\b.{0,80}\\bweren.?t sent',
);

export const TOO_LARGE = anyOf(
  'message (?:is |was )?too (?:big|large)',
  'size\\b.{0,40}\\b(?:limit|maximum|exceed\\w*)',
  'exceed\\w*\\b.{0,40}\\bsize',
);

export const THROTTLED = anyOf(
  'rate[ -]?limit\\w*|throttl\\w*|slow down|too (?:fast|quickly)',
  'too (?:many|much) (?:connections?|messages?|mails?|sessions?|requests?)',
  'unusual(?:ly high)? (?:rate|volume)|exceeded the (?:rate|maximum)|(?:connection|message) (?:rate|frequency)',
  'temporarily deferred|deferred due to|user complaints|reputation|block ?list|temporarily (?:blocked|rejected due)',
  'messages from\\b.{0,80}\\bweren.?t sent',
);

export const GREYLISTED = /gr[ae]y[- ]?list/i;
