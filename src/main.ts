/** `npm start`: everything in one terminal. The roles run alone from web.ts and workers/main.ts. */
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiled code without its types, for this process and its children: half a second of each start and 18 MB of each
// process, which then need not load the code that strips types. Beside the code: only who may change that can change it.
const compileCache = fileURLToPath(new URL('../node_modules/.cache/courant', import.meta.url));
module.enableCompileCache(compileCache);
const { supervise } = await import('./supervise.ts');
const { EXIT_FAILED, isLostTerminal } = await import('./platform/lifecycle/index.ts');

/** From the signal until this process ends whatever is left with it. */
const STOP_WITHIN_MS = 9900;

// A person at a terminal gets the three addresses and what goes wrong, not a line for each feed that was read.
const logLevel = process.env['LOG_LEVEL'] || (process.stderr.isTTY ? 'warn' : '');

const stop = new AbortController();

function stopOnce(): void {
  if (!stop.signal.aborted) {
    stop.abort();
    setTimeout(() => process.exit(EXIT_FAILED), STOP_WITHIN_MS).unref();
  }
}

// npm passes Ctrl-C on, so that it arrives twice: a second one must not cut the drain short.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, stopOnce);
}
process.on('uncaughtException', (error) => {
  if (!isLostTerminal(error)) {
    console.error(error);
    process.exit(EXIT_FAILED);
  }
});

process.exitCode = await supervise({
  environment: { ...process.env, NODE_COMPILE_CACHE: compileCache, LOG_LEVEL: logLevel },
  entries: {
    preflight: new URL('preflight.ts', import.meta.url),
    web: new URL('web.ts', import.meta.url),
    worker: new URL('../workers/main.ts', import.meta.url),
  },
  print: (line) => console.log(line),
  notify: (line) => console.error(line),
  stop: stop.signal,
});
process.exit();
