import type { CompileOutcome } from './compile-outcome.ts';
import { fillParts } from './fill-parts.ts';
import type { Building, Parts } from './fill-parts.ts';
import { MAX_HTML_BYTES, finishMail, judgeMail } from './finish-mail.ts';
import type { FinishedMail } from './finish-mail.ts';
import { DIGEST_DENSITIES, HEADLINES, describeDigest, layOutDigest, weighWords } from './lay-out-digest.ts';
import type { DigestDensity, DigestVariant } from './lay-out-digest.ts';
import { toPlainText } from './plain-text.ts';

interface Edition {
  readonly parts: Parts;
  readonly made: FinishedMail;
}

/** About what stands around the articles, and around the words of one. Guessed too low, they cost one more round. */
const FRAME_BYTES = 14_000;
const MARKUP_BYTES = 300;

/**
 * An issue must go out, and whole: one that is too heavy loses its images first, then its summaries, and in the end articles, which
 * the mail says and leads to.
 */
export async function buildDigest(building: Building, variant: DigestVariant): Promise<CompileOutcome> {
  let edition: Edition | undefined;
  for (const density of [...DIGEST_DENSITIES, HEADLINES]) {
    // To set a page of megabytes and throw it away takes seconds, so its words are weighed before.
    if (weighWords(variant, density) <= MAX_HTML_BYTES) {
      edition = await setEdition(building, variant, density);
      if (fits(edition)) {
        break;
      }
    }
  }
  const count = variant.digest.sections.reduce((sum, section) => sum + section.articles.length, 0);
  let maxArticles = count;
  while (edition === undefined || (!fits(edition) && maxArticles > 1)) {
    const guessed = weighWords(variant, HEADLINES) + FRAME_BYTES + count * MARKUP_BYTES;
    const share = (MAX_HTML_BYTES - FRAME_BYTES) / ((edition?.made.bytes ?? guessed) - FRAME_BYTES);
    maxArticles = Math.max(1, Math.min(maxArticles - 1, Math.floor(maxArticles * share)));
    edition = await setEdition(building, variant, { ...HEADLINES, maxArticles });
  }
  return judgeMail(building, 'digest', edition.parts, edition.made);
}

function fits({ made }: Edition): boolean {
  return made.bytes <= MAX_HTML_BYTES;
}

async function setEdition(building: Building, variant: DigestVariant, density: DigestDensity): Promise<Edition> {
  const laidOut = layOutDigest(variant, density);
  const own = {
    digest: { ...laidOut, introText: toPlainText(laidOut.introHtml) },
    preheader: variant.preheader ?? describeDigest(variant),
    hasHeading: laidOut.showTitle,
  };
  const parts = await fillParts(building, { template: 'digest', variant }, own);
  return { parts, made: finishMail(building, 'digest', parts) };
}
