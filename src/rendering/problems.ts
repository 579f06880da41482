/** What can be wrong with a mail's source; stable, part of the API. */
export type ProblemCode =
  | 'variant_invalid'
  | 'merge_field_unknown'
  | 'merge_field_invalid'
  | 'merge_tag_refused'
  | 'merge_filter_refused'
  | 'logic_invalid'
  | 'logic_failed'
  | 'mjml_invalid'
  | 'link_not_absolute'
  | 'image_not_https'
  | 'mail_too_large'
  | 'unsubscribe_missing'
  | 'language_missing'
  | 'title_missing'
  | 'heading_order'
  | 'image_alt_missing'
  | 'link_empty'
  | 'link_text_vague'
  | 'contrast_low'
  | 'text_part_empty';

/** Said to the author of a campaign; `line` counts from 1 in the part that `where` names. */
export interface MailProblem {
  readonly code: ProblemCode;
  readonly where: 'variant' | 'subject' | 'preheader' | 'body';
  readonly line?: number;
  readonly message: string;
}
