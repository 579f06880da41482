import { encodeWord, isPlainText, quoteString } from 'nodemailer/lib/mime-funcs';
import { AppError } from '../../shared/app-error.ts';

/** What marks a mail as list mail (RFC 2369, RFC 2919, RFC 8058). All are whole URIs. */
export interface ListHeaders {
  /** RFC 2919: stays the same for the life of the newsletter. */
  readonly id: { readonly phrase: string; readonly host: string };
  /** https; plain http only on this machine. */
  readonly unsubscribeUrl: string;
  readonly unsubscribeMailto?: string;
  readonly help?: string;
  readonly owner?: string;
  readonly archive?: string;
}

const ONE_CLICK_URL = /^https:\/\/|^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?\//;
const WEB_OR_MAIL = /^(?:https?:\/\/|mailto:)/;
const HOST = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i;

/**
 * R1: exactly one List-Unsubscribe that begins with one https URI, and exactly one List-Unsubscribe-Post. Folded by hand
 * between URIs only: some receivers read the header with the fold inside.
 * @throws AppError `header_invalid`
 */
export function listHeadersOf(list: ListHeaders): { key: string; value: string }[] {
  const unsubscribe = [uri('List-Unsubscribe', list.unsubscribeUrl, ONE_CLICK_URL)];
  if (list.unsubscribeMailto !== undefined) {
    unsubscribe.push(uri('List-Unsubscribe', list.unsubscribeMailto, /^mailto:/));
  }
  const optional = [
    { key: 'List-Help', value: list.help },
    { key: 'List-Owner', value: list.owner },
    { key: 'List-Archive', value: list.archive },
  ];
  return [
    { key: 'List-Id', value: listId(list.id) },
    { key: 'List-Unsubscribe', value: unsubscribe.join(',\r\n ') },
    { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
    ...optional.flatMap(({ key, value }) =>
      value === undefined ? [] : [{ key, value: uri(key, value, WEB_OR_MAIL) }],
    ),
  ];
}

function listId(id: ListHeaders['id']): string {
  if (!HOST.test(id.host)) {
    throw invalid('List-Id');
  }
  const phrase = isPlainText(id.phrase)
    ? quoteString(id.phrase)
    : encodeWord(id.phrase, 'Q', 52).replaceAll(' ', '\r\n ');
  return `${phrase}\r\n <${id.host}>`;
}

/** Angle brackets do not quote, so nothing that could end them may stand between (RFC 2369 2). */
function uri(header: string, value: string, allowed: RegExp): string {
  // Controls are what it looks for.
  // oxlint-disable-next-line no-control-regex
  if (!allowed.test(value) || /[\s<>,\u0000-\u001f\u007f-\uffff]/.test(value) || value.length > 900) {
    throw invalid(header);
  }
  return `<${value}>`;
}

function invalid(header: string): AppError {
  return new AppError('render', 'header_invalid', `${header} needs a whole address without spaces`, {
    details: { header },
  });
}
