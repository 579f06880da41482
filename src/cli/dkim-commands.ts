import type { Command } from 'commander';
import type { DkimDnsRecord, DkimKey } from '../dkim/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import { toInstant } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns, formatInstant } from './output.ts';
import type { Output } from './output.ts';

type Deps = Parameters<Parameters<CliContext['withDeps']>[0]>[0];

export function dkimCommands(program: Command, context: CliContext): void {
  const group = program.command('dkim').description('the keys that sign outgoing mail');

  group
    .command('create <domain>')
    .description('make the key that signs mail from this domain; prints the value of its DNS record')
    .option('--selector <name>', 'its name in DNS; otherwise one that tells the day')
    .option('--from <instant>', 'when it begins to sign, RFC 3339; in ten seconds when left out', toInstant)
    .action((domain: string, options: { selector?: string; from?: Date }) =>
      context.withDeps(async (deps, output) => {
        const { createDkimKey, dnsRecordOf } = await import('../dkim/index.ts');
        const { selector, from: signsFrom } = options;
        const key = await createDkimKey(deps, { domain, selector, signsFrom, actor: CLI_ACTOR });
        printRecord(output, key, dnsRecordOf(key));
        output.note(`It signs mails from ${key.domain} that are made from ${toSeconds(key.signsFrom)} on.`);
        output.note('Publish the record first; courant doctor tells whether it is there.');
      }),
    );

  group
    .command('list')
    .description('every key: domain, selector, state, since when it signs')
    .action(() => context.withDeps(async (deps, output) => output.result(...(await listKeys(deps)))));

  group
    .command('show <domain> <selector>')
    .description('print the value of its DNS record again')
    .action((domain: string, selector: string) =>
      context.withDeps(async (deps, output) => {
        const { dnsRecordOf, listDkimKeys } = await import('../dkim/index.ts');
        const keys = await listDkimKeys(deps.db);
        const key = keys.find((one) => one.domain === domain.toLowerCase() && one.selector === selector.toLowerCase());
        if (key === undefined) {
          throw notFound('dkim_key_unknown', `${domain} has no key ${selector}; see: courant dkim list`);
        }
        printRecord(output, key, dnsRecordOf(key));
      }),
    );

  group
    .command('retire <domain> <selector>')
    .description('let a key sign nothing new')
    .action((domain: string, selector: string) =>
      context.withDeps(async (deps, output) => {
        const { dnsRecordOf, keyInUseAt, listDkimKeys, retireDkimKey } = await import('../dkim/index.ts');
        const key = await retireDkimKey(deps, { domain, selector, actor: CLI_ACTOR });
        const retiredAt = key.retiredAt ?? deps.clock.now();
        const next = keyInUseAt(await keysOf(deps, key.domain, listDkimKeys), retiredAt);
        output.result(`${key.selector} signs nothing that is made from ${toSeconds(retiredAt)} on`, describeKey(key));
        output.note(
          `Leave ${dnsRecordOf(key).name} in DNS until the last mail that it signed was read: about a week, retries included.`,
        );
        output.note(
          next === undefined
            ? `Mails from ${key.domain} go out unsigned from then on; make another key with: courant dkim create ${key.domain}`
            : `Mails from ${key.domain} are signed with ${next.selector} from then on.`,
        );
      }),
    );
}

async function keysOf(
  deps: Deps,
  domain: string,
  list: (db: Deps['db']) => Promise<readonly DkimKey[]>,
): Promise<readonly DkimKey[]> {
  return (await list(deps.db)).filter((key) => key.domain === domain);
}

/** The value alone on stdout: it is what is copied, or piped to whatever keeps the zone. */
function printRecord(output: Output, key: DkimKey, record: DkimDnsRecord): void {
  output.note(`Name:   ${record.name}`);
  output.note(`Type:   ${record.type}`);
  output.note('Value:  the line below');
  output.result(record.value, { ...describeKey(key), record });
  output.note(`In a zone file: ${record.name}. IN ${record.type} (${record.zoneValue})`);
}

async function listKeys(deps: Deps): Promise<[readonly string[], unknown]> {
  const { dnsRecordOf, listDkimKeys, stateOfKey } = await import('../dkim/index.ts');
  const all = await listDkimKeys(deps.db);
  const now = deps.clock.now();
  const keys = all.map((key) => ({
    ...describeKey(key),
    state: stateOfKey(
      key,
      all.filter(({ domain }) => domain === key.domain),
      now,
    ),
    record: dnsRecordOf(key),
  }));
  const rows = keys.map(({ domain, selector, state, signsFrom, retiredAt }) => [
    domain,
    selector,
    state,
    `from ${formatInstant(signsFrom)} UTC`,
    retiredAt === null ? '' : `until ${formatInstant(retiredAt)} UTC`,
  ]);
  return [alignColumns(rows), keys];
}

function describeKey(key: DkimKey): Omit<DkimKey, 'publicKey'> & { readonly publicKey: string } {
  return { ...key, publicKey: key.publicKey.toString('base64') };
}

function toSeconds(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
