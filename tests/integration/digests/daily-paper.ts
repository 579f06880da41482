import { startCampaign } from '../../../src/campaigns/index.ts';
import { upsertArticle } from '../../../src/content/upsert-article.ts';
import { approveIssue, buildIssue, runDigestNow } from '../../../src/digests/index.ts';
import { createNewsletter, requireNewsletter } from '../../../src/newsletters/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, SubscriberId } from '../../../src/shared/ids.ts';
import { addReaderTo, openPress } from '../campaigns/press.ts';

export type Choice = {
  /** Slugs; null: all. */
  readonly sections?: readonly string[] | null;
  readonly frequency?: 'weekly' | 'monthly' | null;
};

const SUNDAY_NOON = '2026-11-22T12:00:00Z';

/** A newsletter that comes every morning at eight in Berlin, with three sections, and readers who choose. */
export async function openDailyPaper() {
  const press = await openPress();
  const { deps } = press;
  const log = createLogger('silent', 'test');
  let readers = 0;

  async function open(name: string, cron = '0 8 * * *') {
    deps.clock.set(SUNDAY_NOON);
    const { id } = await createNewsletter(
      deps,
      {
        name,
        postalAddress: '1 Harbour Street',
        cron,
        timeZone: 'Europe/Berlin',
        sections: [{ name: 'Politics' }, { name: 'Sports' }, { name: 'Culture' }],
      },
      CLI_ACTOR,
    );
    const newsletter = await requireNewsletter(deps.db, { id });
    const sectionIds = new Map(newsletter.sections.map((section) => [section.slug, section.id]));

    /** What the preference centre stores. */
    async function choose(reader: SubscriberId, { sections, frequency }: Choice): Promise<void> {
      const ids = sections?.flatMap((slug) => sectionIds.get(slug) ?? []).toSorted((a, b) => a - b);
      await deps.db
        .updateTable('subscriptions')
        .set({
          ...(sections === undefined ? {} : { section_ids: ids ?? null }),
          ...(frequency === undefined ? {} : { frequency }),
        })
        .where('subscriber_id', '=', reader)
        .where('newsletter_id', '=', id)
        .execute();
    }

    async function buildNow(): Promise<CampaignId | undefined> {
      const built = await buildIssue({ ...deps, log }, id);
      if (built.kind === 'awaiting-approval') {
        return approveIssue(deps, built.issueId, CLI_ACTOR);
      }
      return built.kind === 'published' ? built.campaignId : undefined;
    }

    return {
      newsletter,
      sectionIds,
      choose,
      join: async (choice: Choice = { frequency: null }): Promise<SubscriberId> => {
        readers += 1;
        const reader = await addReaderTo(deps, newsletter, `reader-${readers}@example.org`);
        await choose(reader, choice);
        return reader;
      },
      /** Titles are `section number`. */
      publish: async (...titles: readonly string[]): Promise<void> => {
        deps.clock.advance(1000);
        for (const title of titles) {
          const section = title.split(' ')[0]?.toLowerCase() ?? '';
          const url = `https://paper.example/${id}/${title.replace(' ', '-')}`;
          await upsertArticle(deps, id, { url, title, section }, CLI_ACTOR);
        }
      },
      /** Builds the next issue at its time. Undefined where there is none. */
      build: async (): Promise<CampaignId | undefined> => {
        const { nextRunAt } = await requireNewsletter(deps.db, { id });
        deps.clock.set(nextRunAt ?? SUNDAY_NOON);
        return buildNow();
      },
      buildNow,
      /** An extra issue, now. */
      runNow: async (): Promise<CampaignId> => {
        const run = await runDigestNow({ ...deps, log }, await requireNewsletter(deps.db, { id }), CLI_ACTOR);
        if (run.kind !== 'published') {
          throw new Error(run.kind);
        }
        return run.campaignId;
      },
      start: (campaignId: CampaignId) => startCampaign(deps, campaignId),
    };
  }

  /** The titles of the mail that a reader gets of an issue, by what its variant holds. Undefined: no mail. */
  async function titlesFor(campaignId: CampaignId, reader: SubscriberId): Promise<readonly string[] | undefined> {
    const mail = await mailFor(campaignId, reader);
    if (mail === undefined) {
      return undefined;
    }
    const articles = await deps.db.selectFrom('articles').select(['id', 'title']).where('id', 'in', mail.ids).execute();
    return mail.ids.map((articleId) => articles.find(({ id }) => id === articleId)?.title ?? '?');
  }

  async function mailFor(campaignId: CampaignId, reader: SubscriberId) {
    const row = await deps.db
      .selectFrom('deliveries as d')
      .innerJoin('issue_variants as v', (join) =>
        join.onRef('v.campaign_id', '=', 'd.campaign_id').onRef('v.compiled_mail_id', '=', 'd.compiled_mail_id'),
      )
      .innerJoin('compiled_mails as m', 'm.id', 'd.compiled_mail_id')
      .select(['v.article_ids', 'm.id', 'm.mail'])
      .where('d.campaign_id', '=', campaignId)
      .where('d.subscriber_id', '=', reader)
      .executeTakeFirst();
    return row === undefined ? undefined : { id: row.id, ids: row.article_ids, source: JSON.stringify(row.mail) };
  }

  return { deps, open, titlesFor, mailFor, close: press.close };
}

export type DailyPaper = Awaited<ReturnType<typeof openDailyPaper>>;
