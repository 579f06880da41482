import { dmarc } from 'mailauth/lib/dmarc/index.js';
import type { DMARCResult } from 'mailauth';
import { failed, ok, unknown, warning } from './check.ts';
import type { Check } from './check.ts';
import { textsAt } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';

const NAME = 'dmarc';

/**
 * RFC 9989, with its walk up the tree of names. d= is the From domain, as is the return path unless there is a BOUNCE_DOMAIN, so both
 * align in either mode.
 */
export async function checkDmarc(dns: DnsLookup, domain: string, returnPathDomain = domain): Promise<Check> {
  const result = await dmarc({
    headerFrom: `postmaster@${domain}`,
    spfDomains: [returnPathDomain],
    dkimDomains: [{ domain }],
    resolver: dns,
    strict: true,
  });
  if (result === false || result.status.result === 'none') {
    return describeMissing(dns, domain);
  }
  return result.status.result === 'temperror'
    ? unknown(NAME, `${domain}: could not look, DNS did not answer`)
    : describePolicy(domain, returnPathDomain, result);
}

async function describeMissing(dns: DnsLookup, domain: string): Promise<Check> {
  const records = (await textsAt(dns, `_dmarc.${domain}`)).filter((text) => /^v\s*=\s*DMARC1/i.test(text));
  const advice = `publish one TXT record at _dmarc.${domain} such as: v=DMARC1; p=none; rua=mailto:postmaster@${domain}`;
  if (records.length > 1) {
    return failed(NAME, `${domain} has ${records.length} DMARC records, so receivers take none of them`, 'leave one');
  }
  return records.length === 1
    ? failed(NAME, `${domain}: the record is not valid`, advice)
    : failed(NAME, `${domain} has no DMARC record; Gmail, Yahoo and Microsoft refuse bulk mail without one`, advice);
}

function describePolicy(
  domain: string,
  returnPathDomain: string,
  { policy, policyDomain, rr, testMode, alignment }: DMARCResult,
): Check {
  const where = policyDomain === undefined || policyDomain === domain ? '' : ` (from ${policyDomain})`;
  const facts = `${domain}: asks for ${policy}${where}${testMode ? ', in test mode' : ''}`;
  if (alignment?.dkim?.result !== domain) {
    return warning(NAME, `${facts}, but our mails would not align`, 'check the record');
  }
  if (alignment.spf?.result !== returnPathDomain) {
    return warning(
      NAME,
      `${facts}; the return path ${returnPathDomain} does not align with it, so a DKIM signature alone speaks for our mails`,
      alignment.spf?.strict
        ? `take aspf=s out of the record, or set BOUNCE_DOMAIN to ${domain}`
        : `set BOUNCE_DOMAIN to a name of the same domain, such as bounces.${domain}`,
    );
  }
  if (rr === undefined || !/;\s*rua\s*=\s*mailto:/i.test(rr)) {
    return ok(NAME, facts, 'add rua=mailto:… to hear who sends in your name');
  }
  return ok(NAME, facts, policy === 'none' ? 'once its reports show no stranger, ask for quarantine' : undefined);
}
