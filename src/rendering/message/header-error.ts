import { AppError } from '../../shared/app-error.ts';

/** Never the value: it may be an address or a name, and errors are logged. */
export function headerError(header: string, reason: string): AppError {
  return new AppError('render', 'header_invalid', `${header} ${reason}`, { details: { header } });
}

const FORBIDDEN = /[\p{Cc}\u2028\u2029]/u;

/** @throws AppError `header_invalid` when a value could end its header or is no text. */
export function checkHeaderText(header: string, value: string): void {
  if (FORBIDDEN.test(value) || !value.isWellFormed()) {
    throw headerError(header, 'holds a control character');
  }
}
