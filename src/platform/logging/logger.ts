import pino from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/**
 * What of an error is logged. Not `detail`, `where` and the like: PostgreSQL quotes whole rows in them, and in the messages of
 * data exceptions (class 22) the value that did not fit.
 */
const LOGGED_OF_ERRORS = [
  'type',
  'message',
  'stack',
  'code',
  'kind',
  'severity',
  'table',
  'constraint',
  'routine',
  'syscall',
];

function serializeError(error: Error): Readonly<Record<string, unknown>> {
  const serialized: Readonly<Record<string, unknown>> = pino.stdSerializers.err(error);
  const logged = Object.fromEntries(
    LOGGED_OF_ERRORS.flatMap((key) => (serialized[key] === undefined ? [] : [[key, serialized[key]]])),
  );
  const quotesValue = typeof logged['code'] === 'string' && /^22[\dA-Z]{3}$/.test(logged['code']);
  return quotesValue ? { ...logged, message: 'data exception', stack: framesOf(error) } : logged;
}

/** The stack without the message it begins with. */
function framesOf(error: Error): string {
  return (
    error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n') ?? ''
  );
}

/**
 * JSON lines on stderr (stdout belongs to the person who started it). Log ids, route patterns and codes only: never an
 * address, a name, an IP, a URL with a token, or a Referer. The redaction below is the net under that rule.
 */
export function createLogger(level: string, role: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { role },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
      redact: {
        paths: ['address', 'email', 'token', 'password', 'ip', '*.address', '*.email', '*.token', '*.password', '*.ip'],
        censor: '[redacted]',
      },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
