import { describe, expect, it } from 'vitest';
import { readMail, readMailHead, splitAtLinks } from '../../../src/inbox/read-mail.ts';

const mail = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));

describe('readMailHead', () => {
  it('decodes subject and sender, on one line and without control characters', async () => {
    const raw = mail(
      'From: =?utf-8?Q?Z=C3=B6e?= <zoe@example.org>',
      'Subject: =?utf-8?B?YQBiCmM=?=',
      '',
      'Subject: body',
    );
    expect(await readMailHead(raw)).toEqual({ subject: 'a b c', from: 'Zöe <zoe@example.org>', messageId: null });
  });

  it('takes bytes that are no mail at all', async () => {
    expect(await readMailHead(Buffer.from([0, 255, 13, 10]))).toMatchObject({ subject: '', messageId: null });
  });
});

describe('readMail', () => {
  it('gives both parts, the headers in order and every link once', async () => {
    const read = await readMail(
      mail(
        'Subject: Hello',
        'X-Long: one',
        ' two',
        'MIME-Version: 1.0',
        'Content-Type: multipart/alternative; boundary=b',
        '',
        '--b',
        'Content-Type: text/plain',
        '',
        'Read https://example.org/a?b=1&c=2.',
        '--b',
        'Content-Type: text/html',
        '',
        '<a href="https://example.org/a?b=1&amp;c=2">a</a> <a href="mailto:x@example.org">b</a>',
        '--b--',
      ),
    );
    expect(read?.links).toEqual(['https://example.org/a?b=1&c=2', 'mailto:x@example.org']);
    expect(read?.headers.slice(0, 2)).toEqual([
      { name: 'Subject', value: 'Hello' },
      { name: 'X-Long', value: 'one two' },
    ]);
    expect(read?.text).toContain('Read https://example.org');
  });
});

describe('splitAtLinks', () => {
  it('leaves the punctuation after an address outside of the link', () => {
    expect(splitAtLinks('See (https://example.org/x), or http://a.example/?q=1.')).toEqual([
      { text: 'See (' },
      { text: 'https://example.org/x', url: 'https://example.org/x' },
      { text: '), or ' },
      { text: 'http://a.example/?q=1', url: 'http://a.example/?q=1' },
      { text: '.' },
    ]);
  });
});
