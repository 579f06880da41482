import type { Config } from '../config/index.ts';
import { shortenIp } from '../consent/index.ts';
import type { ConsentTexts } from '../consent/index.ts';
import { readClientAddress } from '../http/index.ts';
import type { ClientRequest } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import type { SignupForms } from './signup-form.ts';
import type { SignupAttempt, SignupGuard } from '../signup-guard/index.ts';
import type { SignupWriter } from './signup-writer.repository.ts';

export interface PageDeps extends ReaderDeps {
  readonly config: Config;
  readonly consentTexts: ConsentTexts;
  readonly signupForms: SignupForms;
  readonly signupWriter: SignupWriter;
  readonly signupGuard: SignupGuard;
}

const AGENT_LENGTH = 300;

/** What a request tells about where a declaration came from; the network only, not the full address. */
export function circumstancesOf(req: ClientRequest): { readonly ip: string | null; readonly agent: string | null } {
  const { ip } = readClientAddress(req);
  return { ip: shortenIp(ip ?? undefined), agent: req.get('user-agent')?.slice(0, AGENT_LENGTH) ?? null };
}

/** What the limits of a sign-up go by: the full address, which is counted as a keyed hash and kept nowhere. */
export function attemptOf(req: ClientRequest, proof: string | undefined, isForm: boolean): SignupAttempt {
  return { ip: readClientAddress(req).limitIp, proof, isForm };
}

export async function publicationName(deps: Pick<PageDeps, 'signupForms'>, locale: string): Promise<string> {
  const { newsletters } = await deps.signupForms.current(locale);
  const [first] = newsletters;
  return newsletters.length === 1 && first !== undefined ? first.name : translatorFor(locale)('layout.publication');
}
