import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../shared/app-error.ts';
import type { Random } from '../shared/random.ts';
import { normalisePassword } from './password.ts';

const runArgon2 = promisify(argon2);

/** OWASP's first choice for argon2id: 19 MiB, two passes; about 60 ms on one core (measured). */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const SALT_BYTES = 16;
/** argon2 runs on libuv's four threads, which also serve files and DNS: half of them stay free. */
const MAX_RUNNING = 2;
const MAX_WAITING = 16;

export interface PasswordHasher {
  /** A PHC string: `$argon2id$v=19$m=...,t=...,p=...$salt$hash`. */
  hash(password: string): Promise<string>;
  /** `stored` undefined: the same work, then false, so that the time does not tell who has an account. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

/** @throws AppError `too_many_attempts` when more checks wait than could be answered in a few seconds. */
export function createPasswordHasher(random: Random): PasswordHasher {
  const decoy = formatPhc(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(COST.tagLength));
  const takeTurn = createTurnstile();
  return {
    hash: (password) =>
      takeTurn(async () => {
        const salt = random.bytes(SALT_BYTES);
        return formatPhc(COST, salt, await derive(password, salt, COST));
      }),
    verify: (password, stored) =>
      takeTurn(async () => {
        const { cost, salt, hash } = parsePhc(stored ?? decoy);
        const isSame = timingSafeEqual(await derive(password, salt, { ...cost, tagLength: hash.length }), hash);
        return isSame && stored !== undefined;
      }),
  };
}

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

async function derive(password: string, salt: Buffer, cost: Cost & { readonly tagLength: number }): Promise<Buffer> {
  return runArgon2('argon2id', { message: normalisePassword(password), nonce: salt, ...cost });
}

function formatPhc(cost: Cost, salt: Buffer, hash: Buffer): string {
  const encode = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(salt)}$${encode(hash)}`;
}

function parsePhc(stored: string): { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer } {
  const [, memory, passes, parallelism, salt, hash] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new Error('a stored password hash is not argon2id in PHC form');
  }
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function createTurnstile(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= MAX_RUNNING) {
      if (waiting.length >= MAX_WAITING) {
        throw new AppError('rate_limited', 'too_many_attempts', 'Too many sign-ins at once. Try again in a moment.', {
          retryAfterSeconds: 5,
        });
      }
      await new Promise<void>((resume) => {
        waiting.push(resume);
      });
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        running -= 1;
      } else {
        next();
      }
    }
  };
}
