import { recordAudit } from '../audit/index.ts';
import type { RelayAddress } from '../config/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { FinishResult, ReadyResult } from '../platform/smtp/index.ts';
import type { Actor } from '../shared/actor.ts';
import { asError } from '../shared/app-error.ts';
import { failed, ok, unknown } from './check.ts';
import type { Check } from './check.ts';
import { withSession } from './check-relays.ts';
import { buildSampleMail } from './sample-mail.ts';
import type { SampleDeps, SampleMail } from './sample-mail.ts';

const NAME = 'test mail';

export interface TestMailDeps extends SampleDeps {
  readonly findRelays: () => Promise<readonly RelayAddress[]>;
}

/** One test mail through each relay, so that a spare one is known to work before it is needed. */
export async function sendTestMail(
  deps: TestMailDeps,
  newsletter: Newsletter,
  { address, actor }: { readonly address: string; readonly actor: Actor },
): Promise<readonly Check[]> {
  let ways: readonly (readonly [RelayAddress, SampleMail])[];
  try {
    const relays = await deps.findRelays();
    ways = await Promise.all(
      relays.map(async (relay) => [
        relay,
        await buildSampleMail(deps, newsletter, { kind: 'test', address, isSigned: relay.isSigned }),
      ]),
    );
  } catch (error) {
    return [failed(NAME, asError(error).message)];
  }
  await recordAudit(deps.db, { actor, action: 'test-mail.sent', subjectKind: 'newsletter', subjectId: newsletter.id });
  return Promise.all(ways.map(([relay, mail]) => sendThrough(relay, mail, address)));
}

async function sendThrough(relay: RelayAddress, { envelope, bytes }: SampleMail, to: string): Promise<Check> {
  try {
    const result = await withSession(relay, async (session): Promise<Result> => {
      const transaction = session.begin({ ...envelope, to, size: bytes.length });
      const ready = await transaction.ready;
      if (ready.kind !== 'go') {
        return ready;
      }
      await transaction.write([bytes]);
      return transaction.finish();
    });
    return describeResult(relay.key, result);
  } catch (error) {
    return failed(NAME, `${relay.key}: ${asError(error).message}`);
  }
}

type Result = FinishResult | Exclude<ReadyResult, { readonly kind: 'go' }>;

function describeResult(relay: string, result: Result): Check {
  switch (result.kind) {
    case 'accepted':
      return ok(NAME, `${relay} took it: ${result.reply.text}`, 'look for it, also among the spam');
    case 'refused':
      return failed(NAME, `${relay} refused it: ${result.reply.text}`);
    case 'unsendable':
      return failed(NAME, `${relay} cannot take it: ${result.reason}`);
    case 'broken':
      return result.phase === 'after-dot'
        ? unknown(NAME, `${relay} has the mail but did not answer`, 'look for it before you send another one')
        : failed(NAME, `${relay}: ${result.error.message}`);
    default:
      return result satisfies never;
  }
}
