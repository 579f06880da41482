import pino from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

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
      redact: {
        paths: ['address', 'email', 'token', 'password', 'ip', '*.address', '*.email', '*.token', '*.password', '*.ip'],
        censor: '[redacted]',
      },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
