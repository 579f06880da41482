import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSinkLog } from '../../../src/demo/sink-log.ts';
import { KIND_SINK } from './sink-script.ts';
import type { SinkScript } from './sink-script.ts';
import type { Witness } from './witness.ts';

const ENTRY = new URL('../../support/fixtures/fixture-sink.ts', import.meta.url);

export interface FaultSink {
  /** A value for SMTP_URL. */
  readonly url: string;
  /** Every mail that the server has, whatever it said. */
  read(): Promise<readonly Witness[]>;
  /** From the next command on. */
  behave(script: Partial<SinkScript>): Promise<void>;
  stop(): Promise<void>;
}

export async function startFaultSink(): Promise<FaultSink> {
  const directory = await mkdtemp(join(tmpdir(), 'courant-sink-'));
  const logPath = join(directory, 'mails.jsonl');
  const child = fork(ENTRY, { env: { ...process.env, SINK_LOG: logPath } });
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }];
  return {
    url,
    read: () => readSinkLog<Witness>(logPath),
    behave: async (script) => {
      const told = once(child, 'message');
      child.send({ ...KIND_SINK, ...script });
      await told;
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
