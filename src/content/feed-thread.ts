import { parentPort } from 'node:worker_threads';
import { readFeed } from './read-feed.ts';
import type { FeedInput } from './read-feed.ts';

/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin */
// The thread of feed-reader.ts. A Buffer arrives as the plain bytes that it is made of.
parentPort?.on('message', (input: Omit<FeedInput, 'bytes'> & { readonly bytes: Uint8Array }) => {
  const { buffer, byteOffset, byteLength } = input.bytes;
  parentPort?.postMessage(readFeed({ ...input, bytes: Buffer.from(buffer, byteOffset, byteLength) }));
});
parentPort?.postMessage('ready');
