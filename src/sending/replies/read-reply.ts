import type { SmtpReply } from '../../deliveries/index.ts';
import { REPLY_TABLE, UNKNOWN_REPLIES } from './reply-table.ts';
import type { ReplyRow } from './reply-table.ts';

/** Some write `550 #5.1.0 ...` or `5.1.1:`, which no parser of the protocol takes. */
const SLOPPY_CODE = /^\d{3}[ -][#(<]?([245]\.\d{1,3}\.\d{1,3})\b/;
/** Who needs more words than that says nothing that helps. */
const READ_CHARACTERS = 4000;
const LINE_START = /\n\d{3}[- ](?:#?[245]\.\d{1,3}\.\d{1,3}[ :]*)?/g;

/**
 * Finds the row of a reply. The RFC 3463 code beats the basic code, and words count only where the codes say nothing themselves
 * (R16). When the two codes disagree on whether it is for ever, it is not: the reader gets another try.
 */
export function readReply(reply: SmtpReply): ReplyRow {
  const enhancedCode = reply.enhancedCode ?? SLOPPY_CODE.exec(reply.text)?.[1];
  const isPermanent = reply.code >= 500 && enhancedCode?.startsWith('4.') !== true;
  const text = reply.text.slice(0, READ_CHARACTERS).replaceAll(LINE_START, ' ');
  const saysNothing = enhancedCode === undefined || /^[245]\.0\.0$/.test(enhancedCode);
  const row =
    REPLY_TABLE.find((candidate) => candidate.isPlain === true && hasCode(candidate, reply.code)) ??
    REPLY_TABLE.find((candidate) =>
      saysNothing ? matchesWords(candidate, reply.code, text) : matchesEnhanced(candidate, enhancedCode, text),
    );
  const unknown = isPermanent ? UNKNOWN_REPLIES.permanent : UNKNOWN_REPLIES.temporary;
  return row === undefined || (row.action.delivery === 'reject' && !isPermanent) ? unknown : row;
}

function hasCode(row: ReplyRow, code: number): boolean {
  return row.codes?.includes(code) === true;
}

function matchesEnhanced(row: ReplyRow, enhancedCode: string, text: string): boolean {
  return row.enhanced?.test(enhancedCode) === true && row.text?.test(text) !== false;
}

function matchesWords(row: ReplyRow, code: number, text: string): boolean {
  if (row.enhanced !== undefined) {
    return false;
  }
  return (row.codes === undefined || hasCode(row, code)) && row.text?.test(text) !== false;
}
