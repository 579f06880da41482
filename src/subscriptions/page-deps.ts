import type { Config } from '../config/index.ts';
import { shortenIp } from '../consent/index.ts';
import type { ConsentTexts } from '../consent/index.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import type { SignupForms } from './signup-form.ts';
import type { SignupWriter } from './signup-writer.repository.ts';

export interface PageDeps extends ReaderDeps {
  readonly config: Config;
  readonly consentTexts: ConsentTexts;
  readonly signupForms: SignupForms;
  readonly signupWriter: SignupWriter;
}

const AGENT_LENGTH = 300;

/** What a request tells about where a declaration came from; the network only, not the full address. */
export function circumstancesOf(req: {
  readonly ip?: string | undefined;
  get(header: 'user-agent'): string | undefined;
}): { readonly ip: string | null; readonly agent: string | null } {
  return { ip: shortenIp(req.ip), agent: req.get('user-agent')?.slice(0, AGENT_LENGTH) ?? null };
}

/** UTC to the millisecond, as it is recorded. */
export function formatInstant(at: Date): string {
  return `${at.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

export async function publicationName(deps: Pick<PageDeps, 'signupForms'>): Promise<string> {
  const { newsletters } = await deps.signupForms.current();
  const [first] = newsletters;
  return newsletters.length === 1 && first !== undefined ? first.name : 'Newsletters';
}
