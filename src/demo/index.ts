export { runCrashDemo } from './crash-demo.ts';
export { isClean } from './balance.ts';
export type { Balance } from './balance.ts';
export { startSink } from './smtp-sink.ts';
export type { Sink } from './smtp-sink.ts';
export type { SinkMessage } from './sink-connection.ts';
export { readSinkLog } from './sink-log.ts';
