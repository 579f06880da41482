/** How the names of the months begin, in the languages whose feeds are known to write them (RFC 822 wants English). */
const BEGINNINGS = [
  'jan ene gen ian янв січ sty led oca tammi ιαν يناير',
  'feb fev fév фев лют lut úno şub helmi φεβ فبراير',
  'mar mär mrz мар бер bře maalis μαρ μάρ مارس',
  'apr abr avr ápr апр кві kwi dub nis huhti απρ أبريل ابريل',
  'may mai mag mei maj máj май мая тра kvě touko μαι μαΐ μάι مايو',
  'jun juin giu iun jún июн чер cze červ haz kesä ιουν ιούν يونيو',
  'jul juil lug iul júl июл лип lip červenec tem heinä ιουλ ιούλ يوليو',
  'aug ago aoû aou авг сер sie srp ağu agu elo αυγ αύγ أغسطس اغسطس',
  'sep set szept сен вер wrz zář eyl syys σεπ سبتمبر',
  'oct okt out ott окт жов paź říj eki loka οκτ أكتوبر اكتوبر',
  'nov ноя лис lis kas marras νοε νοέ نوفمبر',
  'dec dez dic déc des дек гру gru pro ara joulu δεκ ديسمبر',
] as const;

const MONTHS: ReadonlyMap<string, number> = new Map(
  BEGINNINGS.flatMap((names, index) => names.split(' ').map((name) => [name.normalize('NFKC'), index + 1])),
);
const LONGEST = 8;
const SHORTEST = 3;

/** 1 to 12 by the longest beginning that is known: `juin` and `juillet`, `marca` and `marraskuu` share theirs. */
export function monthNumber(name: string): number | undefined {
  const word = name.normalize('NFKC').toLowerCase();
  for (let length = Math.min(LONGEST, word.length); length >= SHORTEST; length -= 1) {
    const month = MONTHS.get(word.slice(0, length));
    if (month !== undefined) {
      return month;
    }
  }
  return undefined;
}
