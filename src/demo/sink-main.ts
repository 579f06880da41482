import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSink } from './smtp-sink.ts';

/**
 * The sink as a process of its own: `node src/demo/sink-main.ts [--port N] [--log FILE] [--delay-ms N]`, the delay before each reply to a
 * message. Prints its SMTP_URL; ends on SIGTERM, and with whoever started it.
 */
const { values } = parseArgs({
  options: { port: { type: 'string' }, log: { type: 'string' }, 'delay-ms': { type: 'string', default: '0' } },
});
const delayMs = Number(values['delay-ms']);
const sink = await startSink({
  ...(values.port === undefined ? {} : { port: Number(values.port) }),
  ...(values.log === undefined ? {} : { logPath: values.log }),
  judge: { message: () => delay(delayMs, 'accept' as const) },
});
process.stdout.write(`${sink.url}\n`);
process.once('SIGTERM', () => void sink.stop());
process.once('disconnect', () => void sink.stop());
