import { chooseLocale } from '../http/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { circumstancesOf, endSubscriptions } from '../subscriptions/index.ts';
import type { PageDeps } from '../subscriptions/index.ts';
import { dropAddressChange, requestAddressChange } from './change-address.ts';
import { changeDetails } from './change-details.ts';
import { chooseContent } from './choose-content.ts';
import type { ContentOutcome } from './choose-content.ts';
import { chooseTracking } from './choose-tracking.ts';
import { describeContents } from './describe-content.ts';
import { joinNewsletter } from './join-newsletter.ts';
import type { JoinOutcome } from './join-newsletter.ts';
import { pauseSubscriptions } from './pause-subscriptions.ts';
import { storeContentWording, storeDetailsWording, storeLeaveWording, storePauseWording } from './page-wording.ts';
import { parseTimeZone } from './preference-input.ts';
import type { VisitWish } from './preference-input.ts';
import type { Reader } from './reader.ts';

/** `note` names a text, `preferences.note_<note>`. */
export type WishOutcome =
  | { readonly kind: 'done'; readonly note: string; readonly newsletterId?: NewsletterId }
  /** Nothing was changed; `typed` goes back into the form. */
  | {
      readonly kind: 'problem';
      readonly note: string;
      readonly typed?: Record<string, string>;
      readonly newsletterId?: NewsletterId;
    };

const done = (note: string): WishOutcome => ({ kind: 'done', note });
const problem = (note: string, typed?: Record<string, string>): WishOutcome =>
  typed === undefined ? { kind: 'problem', note } : { kind: 'problem', note, typed };

/** Does what one form of a visit asks for. Each is committed when this returns. */
export async function fulfilWish(
  deps: PageDeps,
  reader: Reader,
  wish: Exclude<VisitWish, { action: 'end' }>,
  req: Parameters<typeof circumstancesOf>[0],
): Promise<WishOutcome> {
  const circumstances = circumstancesOf(req);
  const page = { locale: chooseLocale(req, reader.locale), url: `${deps.config.publicUrl}/my` };
  switch (wish.action) {
    case 'leave': {
      const { newsletterId } = wish;
      const left = reader.subscriptions.find((one) => one.newsletterId === newsletterId);
      const shown = await storeLeaveWording(deps, page, left?.newsletterName ?? null);
      await endSubscriptions(deps, { subscriberId: reader.id, address: reader.address }, newsletterId, {
        ...circumstances,
        ...shown,
        method: 'button',
        actor: 'subscriber',
      });
      return done('left');
    }
    case 'pause': {
      const shown = await storePauseWording(deps, page, wish.until !== null);
      const outcome = await pauseSubscriptions(deps, reader, wish, { mayShorten: true, ...circumstances, ...shown });
      return outcome === 'too-long' ? problem('pause_too_long') : done(wish.until === null ? 'resumed' : 'paused');
    }
    case 'choose': {
      const content = describeContents(reader, page.locale, true).find((one) => one.newsletterId === wish.newsletterId);
      const shown = await storeContentWording(deps, page, content);
      const outcome = await chooseContent(deps, reader, wish, { mayWiden: true, ...circumstances, ...shown });
      return { ...describeChoice(outcome), newsletterId: wish.newsletterId };
    }
    case 'join':
      return describeJoin(
        await joinNewsletter(deps, reader, { ...wish, hasTicked: wish.terms === 'true' }, circumstances),
      );
    case 'details': {
      const timeZone = parseTimeZone(wish.timeZone);
      if (timeZone === undefined) {
        return problem('zone_invalid', { timeZone: wish.timeZone });
      }
      const shown = await storeDetailsWording(deps, page);
      await changeDetails(deps, reader, { locale: wish.locale, timeZone }, { ...circumstances, ...shown });
      return done('saved');
    }
    case 'tracking': {
      const isAllowed = wish.allowed === 'yes';
      await chooseTracking(deps, reader, { isAllowed, locale: wish.locale }, circumstances);
      return done(isAllowed ? 'tracking_on' : 'tracking_off');
    }
    case 'address':
      return askBothMailboxes(deps, reader, wish.email);
    case 'keep-address':
      await dropAddressChange(deps, reader);
      return done('address_kept');
    default:
      return wish satisfies never;
  }
}

/** What came of a choice of content, on both pages. */
export function describeChoice(outcome: ContentOutcome): WishOutcome {
  switch (outcome) {
    case 'changed':
    case 'unchanged':
      return done('saved');
    case 'more-often':
      return done('content_more_often');
    case 'no-section':
      return problem('content_none');
    case 'outdated':
    case 'not-subscribed':
      return problem('content_outdated');
    default:
      return outcome satisfies never;
  }
}

function describeJoin(outcome: JoinOutcome): WishOutcome {
  switch (outcome) {
    case 'joined':
      return done('joined');
    case 'terms-missing':
      return problem('terms_missing');
    case 'wording-changed':
      return problem('wording_changed');
    case 'not-offered':
      return problem('not_offered');
    case 'suppressed':
      return problem('suppressed');
    default:
      return outcome satisfies never;
  }
}

async function askBothMailboxes(deps: PageDeps, reader: Reader, typed: string): Promise<WishOutcome> {
  const outcome = await requestAddressChange(deps, reader, typed);
  switch (outcome) {
    case 'requested':
      return done('address_requested');
    case 'invalid':
      return problem('address_invalid', { typedAddress: typed });
    case 'same':
      return problem('address_same', { typedAddress: typed });
    case 'too-many':
      return problem('address_too_many', { typedAddress: typed });
    default:
      return outcome satisfies never;
  }
}
