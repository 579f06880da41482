import MarkdownIt from 'markdown-it';

export interface IntroOptions {
  /** What a link leads to in the end. */
  readonly link: (address: string) => string;
  readonly withImages: boolean;
}

const LINK = /^(?:https?:\/\/|mailto:)/i;
const IMAGE = /^https:\/\//i;

/**
 * An editor's Markdown as HTML for mails and pages: HTML in it is printed, not obeyed. An issue must go out, so what cannot
 * stand in a mail is left out: a link to nowhere leaves its words, an image over plain http its alternative text. The
 * headings stand below that of the issue.
 */
export function writeIntro(source: string, options: IntroOptions): string {
  const markdown = new MarkdownIt({ html: false, linkify: true });
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  const { rules } = markdown.renderer;
  const isOpen: boolean[] = [];
  rules['link_open'] = (tokens, index, renderOptions, _environment, renderer) => {
    const token = tokens[index];
    const address = String(token?.attrGet('href') ?? '');
    isOpen.push(LINK.test(address));
    if (token === undefined || isOpen.at(-1) !== true) {
      return '';
    }
    token.attrSet('href', options.link(address));
    return renderer.renderToken(tokens, index, renderOptions);
  };
  rules['link_close'] = () => (isOpen.pop() === true ? '</a>' : '');
  const writeImage = rules['image'];
  rules['image'] = (tokens, index, renderOptions, environment, renderer) => {
    const isShown = options.withImages && IMAGE.test(String(tokens[index]?.attrGet('src') ?? ''));
    return isShown && writeImage !== undefined
      ? writeImage(tokens, index, renderOptions, environment, renderer)
      : markdown.utils.escapeHtml(tokens[index]?.content ?? '');
  };
  const tokens = markdown.parse(source, {});
  let hasHeading = false;
  for (const token of tokens) {
    if (token.type === 'heading_open' || token.type === 'heading_close') {
      // Below the h1 of the issue, and without a step left out.
      token.tag = /^h[12]$/.test(token.tag) || !hasHeading ? 'h2' : 'h3';
      hasHeading ||= token.type === 'heading_close';
    }
    if (/^(?:paragraph|heading|list_item|blockquote)_open$/.test(token.type)) {
      token.attrSet('dir', 'auto');
    }
  }
  return markdown.renderer.render(tokens, markdown.options, {});
}
