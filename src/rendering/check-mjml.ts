import { Parser } from 'htmlparser2';
import { checkImage, checkLink } from './check-address.ts';
import type { TagMark } from './mark.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

/** mj-include reads files, the other two put anything anywhere in the page (S16). */
const REFUSED_MJML = new Set(['mj-include', 'mj-raw', 'mj-html-attributes']);

/** What may stand inside mj-text, mj-button and mj-table. No scripts, forms, frames or objects (R15). */
const ALLOWED_HTML = new Set(
  `a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em
  figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strike strong
  sub sup table tbody td tfoot th thead time tr tt u ul var wbr`.split(/\s+/),
);

const LINK_ATTRIBUTES = new Set(['href', 'cite']);
const IMAGE_ATTRIBUTES = new Set([
  'src',
  'background',
  'background-url',
  'thumbnails-src',
  'icon-unwrapped-url',
  'icon-wrapped-url',
  'poster',
  'srcset',
]);

/** Components whose children stand below each other: one more or less changes nothing about the others. */
const STACKS = new Set(['mj-body', 'mj-wrapper', 'mj-column', 'mj-hero']);
/** Components that hold other components, where a tag would be lost or would change what stands beside it. */
const REFUSED_PLACES: Readonly<Record<string, string>> = {
  mjml: 'put it inside <mj-body>',
  'mj-head': 'put it inside <mj-body>; a preheader has a field of its own',
  'mj-attributes': 'put it inside <mj-body>',
  'mj-section': 'columns share their width: put it around the section, or inside a column',
  'mj-group': 'columns share their width: put it around the section, or inside a column',
  'mj-social': 'put it around the component',
  'mj-navbar': 'put it around the component',
  'mj-accordion': 'put it around the component',
  'mj-accordion-element': 'put it around the component',
  'mj-carousel': 'put it around the component',
};

export interface MjmlCheck {
  readonly problems: readonly MailProblem[];
  /** The source with tags of logic between components in mj-raw, which is where MJML keeps a text between components. */
  readonly source: string;
}

/**
 * What strict validation lets through but a mail must not hold. Walks the source with the parser that MJML itself uses,
 * so that both see the same tags.
 */
export function checkMjml(marks: Marks, source: string): MjmlCheck {
  const problems: MailProblem[] = [];
  const path: string[] = [];
  const between = new Set<TagMark>();
  const report = (problem: Pick<MailProblem, 'code' | 'message'>): void => {
    problems.push({ ...problem, where: 'body', line: source.slice(0, parser.startIndex).split('\n').length });
  };
  const parser = new Parser(
    {
      ontext: (text) => {
        const parent = path.at(-1) ?? 'mjml';
        for (const tag of tagsIn(marks, text)) {
          const advice = path.includes('mj-head') ? REFUSED_PLACES['mj-head'] : REFUSED_PLACES[parent];
          if (advice !== undefined) {
            report({ code: 'logic_invalid', message: `${tag.text} cannot stand in <${parent}>; ${advice}` });
          } else if (STACKS.has(parent)) {
            between.add(tag);
          }
        }
      },
      oncomment: (text) => {
        for (const tag of tagsIn(marks, text)) {
          report({ code: 'logic_invalid', message: `${tag.text} cannot stand in a comment` });
        }
      },
      onopentag: (name, attributes) => {
        path.push(name);
        const refusal = refuseTag(name);
        if (refusal !== undefined) {
          report({ code: 'mjml_invalid', message: refusal });
        }
        for (const [attribute, value] of Object.entries(attributes)) {
          const problem = checkAttribute(marks, name, attribute.toLowerCase(), value);
          if (problem !== undefined) {
            report(problem);
          }
        }
      },
      onclosetag: (name, isImplied) => {
        path.pop();
        const closesItself = source.startsWith('/>', parser.endIndex - 1);
        if (isImplied && !closesItself && name.startsWith('mj')) {
          report({ code: 'mjml_invalid', message: `<${name}> is not closed` });
        }
      },
    },
    { recognizeCDATA: true, decodeEntities: true, recognizeSelfClosing: true, lowerCaseAttributeNames: false },
  );
  parser.end(source);
  return { problems, source: marks.wrapTags(source, (tag) => between.has(tag), wrapRaw) };
}

function wrapRaw(word: string): string {
  return `<mj-raw>${word}</mj-raw>`;
}

function tagsIn(marks: Marks, text: string): readonly TagMark[] {
  return marks.cut(text).filter((piece) => typeof piece !== 'string' && piece.kind === 'tag');
}

function refuseTag(name: string): string | undefined {
  if (REFUSED_MJML.has(name)) {
    return `<${name}> is not available in campaigns`;
  }
  const isKnown = name === 'mjml' || name.startsWith('mj-') || ALLOWED_HTML.has(name);
  return isKnown ? undefined : `<${name}> is not allowed in a mail`;
}

function checkAttribute(
  marks: Marks,
  tag: string,
  attribute: string,
  value: string,
): Pick<MailProblem, 'code' | 'message'> | undefined {
  if (attribute.startsWith('on')) {
    return { code: 'mjml_invalid', message: `the attribute ${attribute} of <${tag}> is not allowed in a mail` };
  }
  if (LINK_ATTRIBUTES.has(attribute) && value !== '') {
    return checkLink(marks, value);
  }
  return IMAGE_ATTRIBUTES.has(attribute) && value !== '' ? checkImage(marks, value) : undefined;
}
