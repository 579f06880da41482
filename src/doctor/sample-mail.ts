import type { Config } from '../config/index.ts';
import type { DkimSigner } from '../dkim/index.ts';
import { translatorFor } from '../i18n/index.ts';
import { mailHeadOf, newsletterVariantOf } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { compileMail } from '../rendering/index.ts';
import type { MailTemplates } from '../rendering/index.ts';
import { createMailBuilder } from '../sending/index.ts';
import type { BuiltMail, DeliveryOfMail } from '../sending/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';

export interface SampleDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly config: Config;
  readonly mailTemplates: MailTemplates;
  readonly signer: DkimSigner;
}

/** A reader who was never there: no row has this id, so the links of the mail change nothing. */
const NOBODY = 0 as DeliveryId;
export const MADE_UP_ADDRESS = 'nobody@courant.invalid';

export interface SampleMail {
  readonly envelope: BuiltMail['envelope'];
  readonly bytes: Buffer;
}

/** A list mail as a reader of the newsletter would get it now, from the same parts that send campaigns; it is in no table. */
export async function buildSampleMail(
  deps: SampleDeps,
  newsletter: Newsletter,
  {
    kind,
    address,
    isSigned,
  }: { readonly kind: 'campaign' | 'test'; readonly address: string; readonly isSigned: boolean },
): Promise<SampleMail> {
  const translate = translatorFor(newsletter.locale);
  const outcome = await compileMail(deps, {
    template: 'campaign',
    variant: {
      newsletter: newsletterVariantOf(newsletter, deps.config),
      campaign: { subject: translate('doctor.subject'), format: 'markdown', source: translate('doctor.text') },
    },
  });
  if (!outcome.ok) {
    throw new AppError('render', 'sample_mail_invalid', outcome.problems[0]?.message ?? 'the mail cannot be made');
  }
  const head = mailHeadOf(newsletter, deps.config, 'list');
  const buildMail = createMailBuilder({
    ...deps,
    publicUrl: deps.config.publicUrl,
    bounceDomain: deps.config.bounceDomain,
    loadMail: () => Promise.resolve({ head, compiled: outcome.mail }),
  });
  const delivery: DeliveryOfMail = {
    id: NOBODY,
    kind,
    address,
    keyId: deps.keyring.signingKeyId,
    compiledMailId: 0,
    campaignId: null,
    subscriberId: null,
    newsletterId: newsletter.id,
    causeId: null,
    signupRequestId: null,
    createdAt: deps.clock.now(),
    subscriberName: null,
    subscriberLocale: null,
    subscriptionId: null,
  };
  const { envelope, parts } = await buildMail(delivery, { isSigned });
  return { envelope, bytes: Buffer.concat(parts) };
}
