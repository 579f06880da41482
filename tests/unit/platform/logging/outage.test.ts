import { expect, it } from 'vitest';
import { createLogger, createOutageLog, errorCode } from '../../../../src/platform/logging/index.ts';

function openLog(): { outage: ReturnType<typeof createOutageLog>; lines: () => string[]; pass: (ms: number) => void } {
  const written: string[] = [];
  let nowMs = 0;
  const log = createLogger('info', 'test', { write: (line) => void written.push(line) });
  const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };
  return {
    outage: createOutageLog(log, 'queue', clock),
    lines: () => written.map((line) => JSON.parse(line).msg),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

it('logs an outage once and its end once', () => {
  const { outage, lines, pass } = openLog();
  outage.succeeded();
  for (let retry = 0; retry < 50; retry += 1) {
    outage.failed(new Error('no'));
    pass(100);
  }
  pass(2000);
  outage.succeeded();
  outage.succeeded();
  expect(lines()).toEqual(['fails; will keep trying', 'works again']);
});

it('does not take one success between failures for the end', () => {
  const { outage, lines, pass } = openLog();
  outage.failed(new Error('no'));
  pass(100);
  outage.succeeded();
  outage.failed(new Error('no'));
  expect(lines()).toEqual(['fails; will keep trying']);
});

it('names an error by its code, or else by its class', () => {
  expect(errorCode(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(errorCode(new TypeError('no'))).toBe('TypeError');
  expect(errorCode('no')).toBe('Error');
});
