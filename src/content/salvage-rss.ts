const SIMPLE_HEAD_ELEMENTS = ['title', 'link', 'language'] as const;

/**
 * Rebuilds a broken RSS document around its items: an element that is never closed (seen in podcast feeds) swallows all
 * the items after it, although each item is sound. Undefined when there is no item either.
 */
export function salvageRss(xml: string): string | undefined {
  const firstItem = xml.search(/<item[\s>]/i);
  if (firstItem === -1) {
    return undefined;
  }
  const head = xml.slice(0, firstItem);
  const rootTag = /<rss(?:\s[^>]{0,8000})?>/i.exec(head)?.[0] ?? '<rss version="2.0">';
  const headElements = SIMPLE_HEAD_ELEMENTS.map((name) => elementOf(head, name)).join('');
  return `${rootTag}<channel>${headElements}${itemsOf(xml, firstItem).join('')}</channel></rss>`;
}

function elementOf(head: string, name: string): string {
  return new RegExp(`<${name}>[^<]{0,2000}</${name}>`, 'i').exec(head)?.[0] ?? '';
}

/** Each piece from one `<item` to its own `</item>`; a piece that holds none was cut off and is left out. */
function itemsOf(xml: string, from: number): string[] {
  return xml
    .slice(from)
    .split(/(?=<item[\s>])/i)
    .flatMap((piece) => {
      const end = piece.search(/<\/item\s*>/i);
      return end === -1 ? [] : [`${piece.slice(0, end)}</item>`];
    });
}
