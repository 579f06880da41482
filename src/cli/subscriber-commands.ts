import type { Command } from 'commander';
import type { DeliveryStory } from '../deliveries/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { SubscriberSummary } from '../subscribers/index.ts';
import type { CliContext } from './cli-context.ts';
import { formatInstant } from './output.ts';

const MAILS_SHOWN = 10;

export function subscriberCommands(program: Command, context: CliContext): void {
  const group = program.command('subscriber').description('one person, by mail address');

  group
    .command('show <email>')
    .description('subscriptions, suppressions and the newest mails')
    .action((email: string) =>
      context.withDeps(async (deps, output) => {
        const { requireSubscriberByAddress } = await import('../subscribers/index.ts');
        const { listDeliveriesOf } = await import('../deliveries/index.ts');
        const subscriber = await requireSubscriberByAddress(deps.db, email);
        const deliveries = await listDeliveriesOf(deps.db, subscriber.id, MAILS_SHOWN);
        output.result(describe(subscriber, deliveries), { ...subscriber, deliveries });
      }),
    );

  group
    .command('unsubscribe <email>')
    .description('end the subscriptions of somebody who asked for it')
    .option('--newsletter <slug>', 'only this one')
    .action((email: string, { newsletter: slug }: { newsletter?: string }) =>
      context.withDeps(async (deps, output) => {
        const { requireSubscriberByAddress, unsubscribeSubscriber } = await import('../subscribers/index.ts');
        const { requireNewsletter } = await import('../newsletters/index.ts');
        const newsletter = slug === undefined ? undefined : await requireNewsletter(deps.db, { slug });
        const subscriber = await requireSubscriberByAddress(deps.db, email);
        const ended = await unsubscribeSubscriber(deps, subscriber, newsletter?.id, CLI_ACTOR);
        output.result([], { ended });
        output.note(
          ended === 0 ? 'There was nothing to end.' : `Ended ${ended} subscription${ended === 1 ? '' : 's'}.`,
        );
      }),
    );

  group
    .command('suppress <email>')
    .description('close the address to every mail')
    .action((email: string) =>
      context.withDeps(async (deps, output) => {
        const { requireSubscriberByAddress, suppressSubscriber } = await import('../subscribers/index.ts');
        const subscriber = await requireSubscriberByAddress(deps.db, email);
        await suppressSubscriber(deps, subscriber, CLI_ACTOR);
        output.result([], { id: subscriber.id, suppressed: true });
        output.note('Nothing is mailed to this address any more.');
      }),
    );
}

function describe(subscriber: SubscriberSummary, deliveries: readonly DeliveryStory[]): readonly string[] {
  return [
    `address: ${subscriber.address}`,
    ...(subscriber.name === null ? [] : [`name: ${subscriber.name}`]),
    `known since: ${formatInstant(subscriber.createdAt)} UTC`,
    ...subscriber.subscriptions.map(({ newsletterName, status }) => `subscription: ${newsletterName}: ${status}`),
    ...subscriber.suppressed.map((reason) => `suppressed: ${reason}`),
    ...deliveries.map(
      ({ createdAt, kind, subject, state, reason }) =>
        `mail: ${formatInstant(createdAt)} UTC ${kind} "${subject}": ${state}${reason === null ? '' : ` (${reason})`}`,
    ),
  ];
}
