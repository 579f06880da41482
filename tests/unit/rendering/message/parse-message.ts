import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';
import { prepareMessage, writeMessage } from '../../../../src/rendering/index.ts';
import type { CompiledMail, MessageReader, WrittenMessage } from '../../../../src/rendering/index.ts';

type Head = Parameters<typeof prepareMessage>[0]['head'];

export const UNSUBSCRIBE = 'https://news.example.org/unsubscribe/AAAAAAAqAgOXm1vR0c2Y8tq4JwK3nZ1x';
export const PREFERENCES = 'https://news.example.org/preferences/AAAAAAAqAwOXm1vR0c2Y8tq4JwK3nZ1x';

export const listHead: Head = {
  fromName: 'The Weekly',
  fromAddress: 'news@example.org',
  replyTo: 'editor@example.org',
  list: { name: 'The Weekly', slug: 'the-weekly' },
  archiveUrl: 'https://news.example.org/archive',
};

/** A confirmation's: no list, no other address. */
export const plainHead: Head = { ...listHead, replyTo: null, list: null, archiveUrl: null };

export const list: NonNullable<MessageReader['list']> = {
  unsubscribeUrl: UNSUBSCRIBE,
  helpUrl: PREFERENCES,
  feedbackId: '7:the-weekly:campaign:courant',
};

export function compiledMail(parts: Partial<CompiledMail> = {}): CompiledMail {
  return {
    template: 'campaign',
    subject: ['Monday'],
    preheader: [],
    html: ['<p>Hello</p>'],
    text: ['Hello\n'],
    ...parts,
  };
}

export function messageReader(changes: Partial<MessageReader> = {}): MessageReader {
  return {
    messageId: '<0123456789abcdef0123456789abcdef@news.example.org>',
    date: new Date('2026-11-23T08:00:00Z'),
    to: 'ada@example.net',
    values: (field) => (field === 'subscriber.name' ? 'Ada Okafor' : `https://news.example.org/${field}/TOKEN`),
    ...changes,
  };
}

export function write(
  parts: Partial<CompiledMail> = {},
  changes: Partial<MessageReader> = {},
  head: Head = plainHead,
): WrittenMessage {
  return writeMessage(prepareMessage({ head, compiled: compiledMail(parts) }), messageReader(changes));
}

export function parse(message: WrittenMessage): Promise<Email> {
  return PostalMime.parse(message.bytes);
}

/** Header lines with their folds undone (RFC 5322 2.2.3). */
export function headerLines(message: WrittenMessage): string[] {
  return message.header
    .toString('utf8')
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .slice(0, -1);
}

/** How a part comes back: line breaks of any kind are one kind, characters that are none are replaced. */
export function asRead(text: string): string {
  return text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\n');
}
