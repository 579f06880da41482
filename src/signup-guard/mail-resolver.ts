import { Resolver } from 'node:dns/promises';

/** What DNS says about mail to a domain. A fake in tests. */
export interface MailResolver {
  /** Host names of the MX records; empty when there are none. @throws Error when DNS does not answer. */
  mailHosts(domain: string): Promise<readonly string[]>;
  /** Whether the domain itself has an address, which takes mail where there is no MX (RFC 5321 5.1). @throws as above. */
  hasAddress(domain: string): Promise<boolean>;
}

const TIMEOUT_MS = 1500;
const NO_SUCH_RECORD: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);

export function createMailResolver(): MailResolver {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  return {
    mailHosts: async (domain) => (await orNone(resolver.resolveMx(domain))).map(({ exchange }) => exchange),
    hasAddress: async (domain) => {
      const found = await Promise.all([orNone(resolver.resolve4(domain)), orNone(resolver.resolve6(domain))]);
      return found.some((addresses) => addresses.length > 0);
    },
  };
}

/** That there is no such record is an answer; that nobody answers is not. */
async function orNone<Record>(asked: Promise<Record[]>): Promise<readonly Record[]> {
  try {
    return await asked;
  } catch (error) {
    if (NO_SUCH_RECORD.has((error as { code?: unknown }).code)) {
      return [];
    }
    throw error;
  }
}
