export interface InspectedXml {
  /** Without DOCTYPE declarations: their external parts are never loaded, so nothing is lost. */
  readonly xml: string;
  readonly hadDoctype: boolean;
  /** Name of the first element, lower case, with its prefix. */
  readonly rootName: string | undefined;
  readonly declaresEntities: boolean;
}

/**
 * Looks at a document before any parser does (S17). Entities can only be declared in the internal subset of a DOCTYPE, so
 * one with a subset condemns the document; one without (old RSS 0.91, feeds wrapped in a page) is cut out. CDATA and
 * comments are skipped: an article about XML may quote what it likes. One linear pass.
 */
export function inspectXml(text: string): InspectedXml {
  const kept: string[] = [];
  let from = 0;
  let at = text.indexOf('<!');
  while (at !== -1) {
    let next = at + 2;
    if (text.startsWith('<![CDATA[', at)) {
      next = endAfter(text, ']]>', at);
    } else if (text.startsWith('<!--', at)) {
      next = endAfter(text, '-->', at);
    } else {
      const declaration = /^<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST)\b/i.exec(text.slice(at, at + 10));
      const isSubset = declaration !== null && declaration[1]?.toUpperCase() !== 'DOCTYPE';
      const end = declaration === null ? undefined : endOfDoctype(text, at);
      if (isSubset || (declaration !== null && end === undefined)) {
        return { xml: '', hadDoctype: true, rootName: undefined, declaresEntities: true };
      }
      if (end !== undefined) {
        kept.push(text.slice(from, at));
        from = end;
        next = end;
      }
    }
    at = text.indexOf('<!', next);
  }
  const xml = kept.join('') + text.slice(from);
  return { xml, hadDoctype: kept.length > 0, rootName: rootNameOf(xml), declaresEntities: false };
}

/** An unterminated section swallows the rest, as it does for a parser. */
function endAfter(text: string, terminator: string, at: number): number {
  const end = text.indexOf(terminator, at);
  return end === -1 ? text.length : end + terminator.length;
}

/** Undefined when the declaration opens an internal subset, or never ends. Quoted identifiers may hold anything. */
function endOfDoctype(text: string, at: number): number | undefined {
  const match = /<!DOCTYPE(?:[^'"[>]|'[^']{0,2000}'|"[^"]{0,2000}"){0,2000}>/iy;
  match.lastIndex = at;
  return match.test(text) ? match.lastIndex : undefined;
}

/** The first start tag that is not a declaration, a comment or a processing instruction. */
function rootNameOf(xml: string): string | undefined {
  let at = xml.indexOf('<');
  while (at !== -1) {
    const name = /^<([A-Za-z_][\w.:-]{0,60})/.exec(xml.slice(at, at + 64));
    if (name !== null) {
      return name[1]?.toLowerCase();
    }
    const end = xml.startsWith('<!--', at) ? endAfter(xml, '-->', at) : at + 1;
    at = xml.indexOf('<', end);
  }
  return undefined;
}
