import { z } from 'zod';
import type { ArticleId, SectionId } from '../shared/ids.ts';

const MAX_ARTICLES = 200;
const BREAKS_A_LINE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** One line of plain text: what a paste brings along is taken out. */
const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .transform((value) => value.replace(BREAKS_A_LINE, ' ').replace(/\s+/g, ' ').trim());

const titleOf = (maxLength: number) =>
  line(maxLength).refine((value) => value !== '', {
    message: 'Write a headline.',
    params: { code: 'title_missing' },
  });

const rowId = z.number().int().positive();

const article = z.strictObject({
  id: rowId.transform((id) => id as ArticleId),
  title: titleOf(300).optional(),
  summaryText: line(600).optional(),
});

/** For `editIssue`: what is left out stays. */
export const issueChangesSchema = z.strictObject({
  /** Of the issue that the editor has seen. */
  revision: z.number().int().min(0),
  title: titleOf(200).optional(),
  preheader: line(200).optional(),
  /** Markdown; empty: none. */
  intro: z.string().trim().max(5000).optional(),
  /** All of them in their new order: an article that is missing is dropped. */
  sections: z
    .array(
      z.strictObject({ id: rowId.transform((id) => id as SectionId), articles: z.array(article).max(MAX_ARTICLES) }),
    )
    .max(50)
    .optional(),
});

export type IssueChanges = z.output<typeof issueChangesSchema>;
