/** A process of its own: jobs in Redis, a BullMQ worker, nodemailer with a pool; as their manuals show it. */
import { Queue, Worker } from 'bullmq';
import { createTransport } from 'nodemailer';
import type { NaiveOrder } from './naive.ts';

const ADD_AT_ONCE = 1000;

async function send(order: NaiveOrder): Promise<number> {
  const { hostname, port, pathname } = new URL(order.redisUrl);
  const connection = { host: hostname, port: Number(port), db: Number(pathname.slice(1) || 0) };
  const queue = new Queue<{ to: string; name: string }>('mails', { connection });
  for (let first = 0; first < order.mails; first += ADD_AT_ONCE) {
    const count = Math.min(ADD_AT_ONCE, order.mails - first);
    const data = Array.from({ length: count }, (_, index) => ({
      to: `reader-${first + index}@readers.example`,
      name: `Robin Reader ${first + index}`,
    }));
    await queue.addBulk(data.map((one) => ({ name: 'mail', data: one, opts: { removeOnComplete: true } })));
  }
  const transport = createTransport({
    host: '127.0.0.1',
    port: order.smtpPort,
    pool: true,
    maxConnections: order.connections,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  // The text is a fifth of the mail, the mark-up the rest; quoted-printable adds little to either.
  const filler = 'The council met on Tuesday evening and put the decision off until spring. ';
  const text = filler.repeat(Math.round(order.bytes / 5 / filler.length));
  const html = `<p style="color:#333">${filler.repeat(Math.round((order.bytes * 4) / 5 / filler.length))}</p>`;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let left = order.mails;
  const startedAt = performance.now();
  const worker = new Worker<{ to: string; name: string }>(
    'mails',
    async ({ data }) => {
      await transport.sendMail({
        from: 'news@courant.example',
        to: data.to,
        subject: 'What the week was about',
        text: `Hello ${data.name},\n\n${text}`,
        html: `<p>Hello ${data.name},</p>${html}`,
        headers: {
          'List-Unsubscribe': `<https://news.example/u/${data.to}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      });
    },
    { connection, concurrency: order.connections },
  );
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) {
      resolve(order.mails / ((performance.now() - startedAt) / 1000));
    }
  });
  worker.on('failed', (_job, error) => reject(error));
  worker.on('error', reject);
  const perSecond = await promise;
  await worker.close();
  await queue.close();
  transport.close();
  return perSecond;
}

process.once('disconnect', () => process.exit(1));
process.once('message', (order) => {
  send(order as NaiveOrder).then(
    (perSecond) => process.send?.(perSecond, undefined, undefined, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
