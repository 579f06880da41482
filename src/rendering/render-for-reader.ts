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
 * input gives the same bytes at each retry.
 * @throws AppError `merge_value_missing` when the mail uses a link that this reader has no value for.
 */
export function renderForReader(mail: CompiledMail, reader: ReaderData): RenderedMail {
  return {
    subject: join(mail.subject, reader),
    preheader: join(mail.preheader, reader),
    html: join(mail.html, reader),
    text: join(mail.text, reader),
  };
}

function join(segments: readonly Segment[], reader: ReaderData): string {
  let result = '';
  for (const segment of segments) {
    result += typeof segment === 'string' ? segment : fillSlot(segment, reader);
  }
  return result;
}

function fillSlot(slot: Slot, reader: ReaderData): string {
  const value = removeControls(valueOf(slot.field, reader) || slot.fallback || '');
  if (value === '' && slot.field !== 'subscriber.name') {
    throw new AppError(
      'render',
      'merge_value_missing',
      `the mail needs a value for ${slot.field}, the reader has none`,
    );
  }
  switch (slot.context) {
    case 'html':
      return escapeHtml(value);
    case 'url':
      return encodeURIComponent(value);
    case 'text':
      return value;
    default:
      return slot.context satisfies never;
  }
}

function valueOf(field: MergeField, reader: ReaderData): string | undefined {
  if (field === 'subscriber.name') {
    return reader.subscriber.name?.trim();
  }
  return reader.links[field.slice('links.'.length) as ReaderLink];
}
