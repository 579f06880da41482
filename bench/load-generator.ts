/**
 * A process of its own that posts sign-ups over kept-alive connections, each sending the next request when the answer to
 * the last one is there, or at its time when they are paced. Plain sockets: node:http would take as much of the processor as the server that is measured.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadOrder, LoadReport } from './generate-load.ts';
import { readAnswer, readerAt, signupRequest } from './signup-request.ts';
import { percentile } from './statistics.ts';

function exchange(socket: Socket, request: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = '';
    const onData = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      const status = readAnswer(received);
      if (status !== undefined) {
        socket.off('data', onData);
        socket.off('close', onClose);
        resolve(status);
      }
    };
    const onClose = (): void => reject(new Error('the server closed the connection'));
    socket.on('data', onData);
    socket.on('close', onClose);
    socket.write(request);
  });
}

async function generate(order: LoadOrder): Promise<LoadReport> {
  const startAt = performance.now() + order.warmUpMs;
  const endAt = startAt + order.measuredMs;
  const latencies: number[] = [];
  const answers: Record<string, number> = {};
  const paceMs = order.perSecond === undefined ? 0 : (1000 * order.connections) / order.perSecond;
  let serial = 0;
  const work = async (_: unknown, connection: number): Promise<void> => {
    const socket = connect(order.port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    // Paced, a request counts from when it was due: one that waited for the answer before it has waited.
    let dueAt = performance.now() + (paceMs * connection) / order.connections;
    const nextStart = async (): Promise<number> => {
      if (paceMs === 0) {
        return performance.now();
      }
      await delay(Math.max(0, dueAt - performance.now()));
      dueAt += paceMs;
      return dueAt - paceMs;
    };
    for (let sentAt = await nextStart(); sentAt < endAt; sentAt = await nextStart()) {
      serial += 1;
      const status = await exchange(socket, signupRequest(readerAt(order.label, order.round ?? 0, serial)));
      answers[status] = (answers[status] ?? 0) + 1;
      const answeredAt = performance.now();
      if (sentAt >= startAt && answeredAt <= endAt) {
        latencies.push(answeredAt - sentAt);
      }
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: order.connections }, work));
  const { 202: accepted = 0, ...otherAnswers } = answers;
  return {
    accepted,
    otherAnswers,
    perSecond: latencies.length / (order.measuredMs / 1000),
    p99Ms: percentile(latencies, 0.99),
  };
}

process.once('disconnect', () => process.exit(1));
process.once('message', (order) => {
  generate(order as LoadOrder).then(
    (report) => process.send?.(report, undefined, undefined, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
