import type { Config } from '../config/index.ts';

/** `warning`: mails go out, or will; somebody should know. `unknown`: it could not be looked at, which says nothing about it. */
export const CHECK_STATES = ['ok', 'warning', 'failed', 'unknown'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** One line of the doctor. */
export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What was looked at, and what was found. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

type Find = (name: string, message: string, advice?: string) => Check;

const found =
  (state: CheckState): Find =>
  (name, message, advice) => ({ name, state, message, ...(advice === undefined ? {} : { advice }) });

export const ok = found('ok');
export const warning = found('warning');
export const failed = found('failed');
export const unknown = found('unknown');

/** Until mail leaves this machine much is not needed yet. */
export function staysHere(config: Pick<Config, 'smtpIsLoopback' | 'publicUrlIsLoopback'>): boolean {
  return config.smtpIsLoopback && config.publicUrlIsLoopback;
}

const PATIENCE_MS = 15_000;

/** Nothing holds the doctor up: what takes too long, or breaks, could not be looked at. */
export async function lookWithPatience(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<readonly Check[]>((resolve) => {
    timer = setTimeout(
      () => resolve([unknown(name, `could not look: no answer in ${PATIENCE_MS / 1000} s`)]),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([look(), patience]);
  } finally {
    clearTimeout(timer);
  }
}
