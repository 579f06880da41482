import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { DeliveryStory } from '../deliveries/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { AppError, notFound } from '../shared/app-error.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { SubscriberSummary } from '../subscribers/index.ts';
import { toAddress } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { formatInstant } from './output.ts';
import type { Output } from './output.ts';

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

  addSuppressionCommands(group, context);
  addEraseCommand(group, context);
}

function addSuppressionCommands(group: Command, context: CliContext): void {
  group
    .command('suppress')
    .argument('<email>', 'known to us or not', toAddress)
    .description('close the address to every mail')
    .action((address: ParsedAddress) =>
      context.withDeps(async (deps, output) => {
        const { suppressAddress } = await import('../suppressions/index.ts');
        const { isNew, subscriberId } = await suppressAddress(deps, address, CLI_ACTOR);
        output.result([], { subscriberId, suppressed: true, isNew });
        output.note(isNew ? 'Nothing is mailed to this address any more.' : 'This address was closed before.');
        if (subscriberId === null) {
          output.note('Nobody has subscribed with it; only a keyed hash of it is stored.');
        }
      }),
    );

  group
    .command('suppressions')
    .argument('<email>', 'known to us or not', toAddress)
    .description('what is open against the address, with the ids to lift it by')
    .action((address: ParsedAddress) =>
      context.withDeps(async (deps, output) => {
        const { findSuppressions } = await import('../suppressions/index.ts');
        const found = await findSuppressions(deps, address);
        output.result(
          found.map(
            ({ id, reason, createdAt, source }) => `${id}  ${reason}  ${formatInstant(createdAt)} UTC  ${source}`,
          ),
          found,
        );
        if (found.length === 0) {
          output.note('Nothing is open against this address.');
        }
      }),
    );

  group
    .command('lift')
    .argument('<email>', 'known to us or not', toAddress)
    .description(
      'open the address again after a hard bounce or a suppression by hand; never after a complaint or an erasure',
    )
    .requiredOption('--why <text>', 'the reason, kept in the audit log; no address in it')
    .action((address: ParsedAddress, { why }: { why: string }) =>
      context.withDeps((deps, output) => liftAll(deps, output, address, why)),
    );
}

/** All that may be lifted; what may not is said. */
async function liftAll(deps: Deps, output: Output, address: ParsedAddress, text: string): Promise<void> {
  const { findSuppressions, liftSuppression, mayAdminLift, whySchema } = await import('../suppressions/index.ts');
  const why = whySchema.parse(text);
  const found = await findSuppressions(deps, address);
  const [first] = found.toSorted((a, b) => Number(mayAdminLift(b.reason)) - Number(mayAdminLift(a.reason)));
  if (first === undefined) {
    throw notFound('suppression_not_found', 'Nothing is open against this address.');
  }
  const liftable = found.filter(({ reason }) => mayAdminLift(reason));
  for (const { id } of liftable.length === 0 ? [first] : liftable) {
    await liftSuppression(deps, { id, why, actor: CLI_ACTOR });
  }
  const left = found.filter(({ reason }) => !mayAdminLift(reason)).map(({ reason }) => reason);
  output.result([], { lifted: liftable.map(({ reason }) => reason), left });
  output.note(
    left.length === 0
      ? 'The address is open again. Subscriptions do not come back by themselves.'
      : `The address stays closed: ${left.join(', ')}.`,
  );
}

function addEraseCommand(group: Command, context: CliContext): void {
  group
    .command('erase <email>')
    .description('forget the person; see docs/consent.md for what the law wants kept')
    .option('--yes', 'do not ask')
    .action((email: string, { yes }: { yes?: true }) =>
      context.withDeps(async (deps, output) => {
        const { requireSubscriberByAddress } = await import('../subscribers/index.ts');
        const { eraseSubscriber } = await import('../rights/index.ts');
        const subscriber = await requireSubscriberByAddress(deps.db, email);
        await confirmErasure(context, yes);
        const erased = await eraseSubscriber(deps, { subscriberId: subscriber.id, actor: CLI_ACTOR, method: 'admin' });
        const evidenceUntil = erased.kind === 'erased' ? erased.evidenceUntil : null;
        output.result([], { id: subscriber.id, erased: true, evidenceUntil });
        output.note(
          evidenceUntil === null
            ? 'Erased. A keyed hash of the address keeps it closed.'
            : `Erased. The evidence of the consent stays, restricted, until ${formatInstant(evidenceUntil)} UTC.`,
        );
      }),
    );
}

async function confirmErasure({ terminal }: CliContext, yes: true | undefined): Promise<void> {
  if (yes === true) {
    return;
  }
  if (!terminal.canAsk) {
    throw new AppError('conflict', 'not_confirmed', 'an erasure cannot be taken back; say so with --yes');
  }
  const answer = await terminal.ask('Forget this person for good? [y/N] ');
  if (!/^y(?:es)?$/i.test(answer.trim())) {
    throw new AppError('conflict', 'not_confirmed', 'nobody was erased');
  }
}

function describe(subscriber: SubscriberSummary, deliveries: readonly DeliveryStory[]): readonly string[] {
  return [
    `address: ${subscriber.address}`,
    ...(subscriber.name === null ? [] : [`name: ${subscriber.name}`]),
    `known since: ${formatInstant(subscriber.createdAt)} UTC`,
    ...subscriber.subscriptions.map(describeSubscription),
    ...subscriber.suppressed.map((reason) => `suppressed: ${reason}`),
    ...deliveries.map(
      ({ createdAt, kind, subject, state, reason }) =>
        `mail: ${formatInstant(createdAt)} UTC ${kind} "${subject}": ${state}${reason === null ? '' : ` (${reason})`}`,
    ),
  ];
}

function describeSubscription(subscription: SubscriberSummary['subscriptions'][number]): string {
  const { newsletterName, status, sections, frequency } = subscription;
  const chosen = [
    ...(sections === null ? [] : [`only ${sections.join(', ')}`]),
    ...(frequency === null ? [] : [frequency]),
  ];
  return `subscription: ${newsletterName}: ${status}${chosen.length === 0 ? '' : ` (${chosen.join('; ')})`}`;
}
