import { Parser } from 'htmlparser2';
import { checkImage, checkLink } from './check-address.ts';
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

/**
 * What strict validation lets through but a mail must not hold. Walks the source with the parser that MJML itself uses,
 * so that both see the same tags.
 */
export function checkMjml(marks: Marks, source: string): readonly MailProblem[] {
  const problems: MailProblem[] = [];
  const report = (problem: Pick<MailProblem, 'code' | 'message'>): void => {
    problems.push({ ...problem, where: 'body', line: source.slice(0, parser.startIndex).split('\n').length });
  };
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
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
        const closesItself = source.startsWith('/>', parser.endIndex - 1);
        if (isImplied && !closesItself && name.startsWith('mj')) {
          report({ code: 'mjml_invalid', message: `<${name}> is not closed` });
        }
      },
    },
    { recognizeCDATA: true, decodeEntities: true, recognizeSelfClosing: true, lowerCaseAttributeNames: false },
  );
  parser.end(source);
  return problems;
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
  return IMAGE_ATTRIBUTES.has(attribute) && value !== '' ? checkImage(value) : undefined;
}
