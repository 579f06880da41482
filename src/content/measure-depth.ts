/** Real feeds, with the HTML in them that nobody escaped, stay under 60. */
export const MAX_DEPTH = 200;

/** Elements of HTML that are written without an end. */
const VOID = new Set(['area', 'br', 'col', 'embed', 'hr', 'img', 'input', 'source', 'wbr']);

/**
 * Whether a document nests deeper than any feed: parsers call themselves once a level, and run out of stack (S17). An end closes
 * what was left open inside it, as readers do; CDATA and comments are skipped. One linear pass.
 */
export function isTooDeep(xml: string): boolean {
  const open: string[] = [];
  const parts = /<(?:(!\[CDATA\[|!--)|(\/?)([A-Za-z_][\w.:-]{0,100})([^<>]*))/g;
  for (let part = parts.exec(xml); part !== null; part = parts.exec(xml)) {
    const [, section, slash, name = '', rest = ''] = part;
    if (section !== undefined) {
      const end = xml.indexOf(section === '!--' ? '-->' : ']]>', parts.lastIndex);
      if (end === -1) {
        return false;
      }
      parts.lastIndex = end;
    } else if (slash === '/') {
      const at = open.lastIndexOf(name);
      open.length = at === -1 ? open.length : at;
    } else if (!rest.endsWith('/') && !VOID.has(name.toLowerCase())) {
      open.push(name);
      if (open.length > MAX_DEPTH) {
        return true;
      }
    }
  }
  return false;
}
