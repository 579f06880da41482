import type { Command } from 'commander';
import { AppError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import { writeConsentDocument } from './consent-document.ts';

export function consentCommands(program: Command, context: CliContext): void {
  const group = program.command('consent').description('proof of who agreed to what');

  group
    .command('export <email>')
    .description('everything that is recorded of one person, to print or to hand over')
    .action((email: string) =>
      context.withDeps(async (deps, output) => {
        const { requireSubscriberByAddress } = await import('../subscribers/index.ts');
        const { readConsentStory } = await import('../consent/index.ts');
        const subscriber = await requireSubscriberByAddress(deps.db, email);
        const records = await readConsentStory(deps.db, subscriber.id);
        const exportedAt = deps.clock.now();
        const { address, name } = subscriber;
        const data = { exportedAt, subscriber: { id: subscriber.id, address, name }, records };
        output.result(writeConsentDocument(data), data);
      }),
    );

  group
    .command('verify')
    .description('compute every seal again and find what was changed')
    .action(() =>
      context.withDeps(async (deps, output) => {
        const { verifyConsent } = await import('../consent/index.ts');
        const found = await verifyConsent(deps.db);
        if (found.kind === 'tampered') {
          const record = found.recordId === null ? '' : `, record ${found.recordId}`;
          throw new AppError('conflict', 'consent_tampered', `${found.problem} in seal ${found.sealId}${record}`, {
            details: { problem: found.problem, sealId: found.sealId, recordId: found.recordId },
          });
        }
        output.result(`intact: ${found.records} records in ${found.seals} seals, head ${found.head}`, found);
        if (found.unsealed > 0) {
          output.note(`${found.unsealed} records are not sealed yet.`);
        }
      }),
    );
}
