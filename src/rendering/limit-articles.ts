interface Counted<Article> {
  readonly articles: readonly Article[];
}

/**
 * At most so many articles: the longest sections give first, so that each keeps a place as long as there is one. Says how
 * many are left out.
 */
export function limitArticles<Article, Section extends Counted<Article>>(
  sections: readonly Section[],
  maxArticles: number,
): { readonly sections: readonly Section[]; readonly leftOut: number } {
  const lengths = sections.map((section) => section.articles.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total <= maxArticles) {
    return { sections, leftOut: 0 };
  }
  const sumWith = (most: number): number => lengths.reduce((sum, length) => sum + Math.min(length, most), 0);
  let most = Math.max(...lengths);
  while (most > 1 && sumWith(most) > maxArticles) {
    most -= 1;
  }
  const limited = sections
    .slice(0, Math.max(1, maxArticles))
    .map((section) => ({ ...section, articles: section.articles.slice(0, most) }));
  const shown = limited.reduce((sum, section) => sum + section.articles.length, 0);
  return { sections: limited, leftOut: total - shown };
}
