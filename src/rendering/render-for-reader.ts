import { AppError } from '../shared/app-error.ts';
import { escapeHtml } from '../shared/escape-html.ts';
import { removeControls } from './clean-text.ts';
import type { MergeField, ReaderData, ReaderLink } from './merge-fields.ts';
import type { CompiledMail, Segment, Slot } from './segments.ts';

/** One reader's mail, ready to be composed. */
export interface RenderedMail {
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
}

/**
 * Joins the compiled parts with one reader's values: no template is parsed, so it costs a concatenation and the same
 * input gives the same bytes at each retry. A mail with logic goes through `renderLogic` first, which gives `mail` and `logic`.
 * @throws AppError `merge_value_missing` when the mail uses a link that this reader has no value for.
 */
export function renderForReader(mail: CompiledMail, reader: ReaderData, logic: readonly string[] = []): RenderedMail {
  const join = (segments: readonly Segment[]): string =>
    segments.map((segment) => fillSegment(segment, reader, logic)).join('');
  return { subject: join(mail.subject), preheader: join(mail.preheader), html: join(mail.html), text: join(mail.text) };
}

function fillSegment(segment: Segment, reader: ReaderData, logic: readonly string[]): string {
  if (typeof segment === 'string') {
    return segment;
  }
  if ('field' in segment) {
    return fillSlot(segment, valueOf(segment.field, reader));
  }
  const text = logic[segment.logic];
  if (text === undefined) {
    throw new AppError('render', 'merge_value_missing', 'the logic of the mail was not worked out for this reader');
  }
  return text;
}

/**
 * What stands in one slot, escaped for its place.
 * @throws AppError `merge_value_missing`
 */
export function fillSlot(slot: Slot, given: string | undefined): string {
  const value = removeControls(given ?? '').trim() || removeControls(slot.fallback ?? '');
  if (value === '' && slot.field !== 'subscriber.name') {
    throw new AppError(
      'render',
      'merge_value_missing',
      `the mail needs a value for ${slot.field}, the reader has none`,
    );
  }
  return escapeFor(slot.context, value);
}

/** A reader's value, without hidden characters, as it may stand in that place. */
export function escapeFor(context: Slot['context'], value: string): string {
  switch (context) {
    case 'html':
      return escapeHtml(value);
    case 'url':
      return encodeURIComponent(value);
    case 'text':
      return value;
    default:
      return context satisfies never;
  }
}

function valueOf(field: MergeField, reader: ReaderData): string | undefined {
  if (field === 'subscriber.name') {
    return reader.subscriber.name;
  }
  return reader.links[field.slice('links.'.length) as ReaderLink];
}
