import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SmtpReply } from '../../../../src/deliveries/index.ts';
import { parseReply } from '../../../../src/platform/smtp/index.ts';

export const BOUNCES = fileURLToPath(new URL('../../../../../shared/data/bounces/', import.meta.url));

interface LabelledReply {
  readonly file: string;
  readonly isHard: boolean;
  readonly reply: SmtpReply;
}

const REPLY = /(?:^|[^\d.])([45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}[ :])?.{3,})/;
/** What the label and the mail say of two different replies: the mail quotes several. */
const HARD_CODE = /^5\.1\.(?:[1236]|10)$/;

/** The replies that bounces quote, of those that are about one reader and quote one. */
export function readLabelledReplies(): readonly LabelledReply[] {
  const labels = readFileSync(`${BOUNCES}labels.tsv`, 'utf8').trim().split('\n').slice(1);
  const rows = labels.map((line) => {
    const [file = '', , status = '', , , hard] = line.split('\t');
    return { file, status, isHard: hard === 'true' };
  });
  const counts = Map.groupBy(rows, ({ file }) => file);
  return rows
    .filter(({ file, isHard, status }) => counts.get(file)?.length === 1 && (isHard || !HARD_CODE.test(status)))
    .flatMap(({ file, isHard }) => {
      const line = quotedReply(readFileSync(`${BOUNCES}mail/${file}`, 'latin1'));
      return line === undefined ? [] : { file, isHard, reply: parseReply(line) };
    });
}

function quotedReply(mail: string): string | undefined {
  const unfolded = mail
    .replaceAll('\r\n', '\n')
    .replaceAll(/\n[ \t]+/g, ' ')
    .replaceAll('=\n', '');
  const diagnosed = [...unfolded.matchAll(/^Diagnostic-Code:\s*(?:[\w.+-]+;)?\s*(.*)$/gim)].map(
    ([, text = '']) => text,
  );
  const lines = diagnosed.length > 0 ? diagnosed.slice(0, 1) : unfolded.split('\n');
  return lines
    .filter((line) => !/^(?:received|date|message-id)/i.test(line))
    .flatMap((line) => REPLY.exec(line)?.[1] ?? [])
    .at(0);
}
