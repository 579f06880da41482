import type { CompiledMail, Logic, LogicPart, Segment } from '../segments.ts';

/**
 * The mail of one reader with its branches gone: each is replaced by the arms that its source named. `answers` is by source. What is left
 * of the logic are places for values.
 */
export function chooseArms(mail: CompiledMail, logic: Logic, answers: readonly string[]): CompiledMail {
  const choose = (segments: readonly Segment[]): Segment[] =>
    segments.flatMap((segment) => {
      const part = typeof segment === 'object' && 'logic' in segment ? logic.parts[segment.logic] : undefined;
      return part?.kind === 'branch' ? chosenArms(part, answers).flatMap(choose) : [segment];
    });
  return {
    ...mail,
    subject: trimEnds(joinLiterals(choose(mail.subject)).map(oneSpace), ''),
    preheader: trimEnds(joinLiterals(choose(mail.preheader)).map(oneSpace), ''),
    html: joinLiterals(choose(mail.html)),
    text: trimEnds(joinLiterals(choose(mail.text)).map(tidyBlanks), '\n'),
  };
}

/** `case` may name several: Liquid prints every `when` that fits. */
function chosenArms(
  part: Extract<LogicPart, { kind: 'branch' }>,
  answers: readonly string[],
): readonly (readonly Segment[])[] {
  const named = (answers[part.source] ?? '').split(';').filter((arm) => arm !== '');
  return named.map((arm) => part.arms[Number(arm)] ?? []);
}

function joinLiterals(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    if (typeof segment === 'string' && typeof last === 'string') {
      joined[joined.length - 1] = last + segment;
    } else {
      joined.push(segment);
    }
  }
  return joined;
}

/** An arm that is left out leaves the spaces, or the empty lines, that stood on both sides of it. */
function oneSpace(segment: Segment): Segment {
  return typeof segment === 'string' ? segment.replace(/ {2,}/g, ' ') : segment;
}

function tidyBlanks(segment: Segment): Segment {
  return typeof segment === 'string' ? segment.replace(/[ \t]+$/gm, trimmed).replace(/\n{3,}/g, '\n\n') : segment;
}

/** The end of a literal is no end of a line where a value follows. */
function trimmed(blanks: string, offset: number, whole: string): string {
  return offset + blanks.length === whole.length ? blanks : '';
}

function trimEnds(segments: Segment[], ending: string): Segment[] {
  const [first] = segments;
  if (typeof first === 'string') {
    segments[0] = first.trimStart();
  }
  const last = segments.at(-1);
  if (typeof last === 'string') {
    segments[segments.length - 1] = last.trimEnd() + ending;
  }
  return segments.filter((segment) => segment !== '');
}
