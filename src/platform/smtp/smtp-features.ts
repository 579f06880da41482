/** What the server offered in its answer to the last EHLO, in the clear or within TLS. */
export interface SmtpFeatures {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  /** RFC 1870. Undefined: not offered; 0: offered without a limit. */
  readonly size: number | undefined;
}

export interface SmtpEnvelope {
  /** Empty for the null return path. */
  readonly from: string;
  readonly to: string;
  /** Of the message before dot-stuffing. */
  readonly size: number;
  /** The text has octets over 127. Ours never has. */
  readonly isEightBit?: boolean;
  /** Its header has addresses that only SMTPUTF8 can carry, whatever the envelope has. */
  readonly needsSmtpUtf8?: boolean;
  /** Where the server offers DSN it is asked to report what fails, to the return path and under this name (RFC 3461): letters and digits. */
  readonly reportAs?: string;
}

export type UnsendableReason = 'message_too_large' | 'envelope_invalid' | 'needs_smtputf8' | 'needs_8bitmime';

// Controls are what it looks for: they would end the command or begin another one.
// oxlint-disable-next-line no-control-regex
const FORBIDDEN_IN_PATH = /[\u0000-\u0020\u007f<>]/;
const NON_ASCII = /[^\0-\x7F]/;

/** @param ehlo the whole answer; of a server that knows only HELO, nothing is offered. */
export function readFeatures(ehlo: string): SmtpFeatures {
  const offers = new Map(
    ehlo.split(/\r?\n/).map((line) => {
      const [keyword = '', parameter] = line.slice(4).trim().split(/\s+/, 2);
      return [keyword.toUpperCase(), parameter];
    }),
  );
  const size = offers.get('SIZE') ?? '0';
  return {
    pipelining: offers.has('PIPELINING'),
    eightBitMime: offers.has('8BITMIME'),
    smtpUtf8: offers.has('SMTPUTF8'),
    dsn: offers.has('DSN'),
    size: offers.has('SIZE') ? (/^\d{1,15}$/.test(size) ? Number(size) : 0) : undefined,
  };
}

/** Why this server cannot be offered this message; undefined when it can. */
export function whyUnsendable(features: SmtpFeatures, envelope: SmtpEnvelope): UnsendableReason | undefined {
  if (envelope.to === '' || FORBIDDEN_IN_PATH.test(envelope.to) || FORBIDDEN_IN_PATH.test(envelope.from)) {
    return 'envelope_invalid';
  }
  if (!features.smtpUtf8 && isInternational(envelope)) {
    // RFC 6531 3.2: sent anyway, the address may reach somebody else or nobody (R9).
    return 'needs_smtputf8';
  }
  if (envelope.isEightBit === true && !features.eightBitMime) {
    return 'needs_8bitmime';
  }
  return features.size !== undefined && features.size > 0 && envelope.size > features.size
    ? 'message_too_large'
    : undefined;
}

export function mailCommand(features: SmtpFeatures, envelope: SmtpEnvelope): string {
  const size = features.size === undefined ? '' : ` SIZE=${envelope.size}`;
  const body = envelope.isEightBit === true ? ' BODY=8BITMIME' : '';
  const report = features.dsn && envelope.reportAs !== undefined ? ` RET=HDRS ENVID=${envelope.reportAs}` : '';
  return `MAIL FROM:<${envelope.from}>${isInternational(envelope) ? ' SMTPUTF8' : ''}${body}${size}${report}\r\n`;
}

export function recipientCommand(features: SmtpFeatures, { to, reportAs }: SmtpEnvelope): string {
  const report = features.dsn && reportAs !== undefined ? ` NOTIFY=FAILURE ORCPT=${originalRecipient(to)}` : '';
  return `RCPT TO:<${to}>${report}\r\n`;
}

/** RFC 3461 4.2, RFC 6533 3: what could be read as a separator stands as its code. */
function originalRecipient(to: string): string {
  return NON_ASCII.test(to)
    ? `utf-8;${to.replace(/[^!-~]|[+=\\]/gu, (character) => `\\x{${codeOf(character)}}`)}`
    : `rfc822;${to.replace(/[+=]/g, (character) => `+${codeOf(character)}`)}`;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
}

function isInternational({ from, to, needsSmtpUtf8 }: SmtpEnvelope): boolean {
  return needsSmtpUtf8 === true || NON_ASCII.test(to) || NON_ASCII.test(from);
}
