const LEAST = 12;

export interface PasswordHint {
  /** 0 to 3. */
  readonly level: number;
  readonly words: string;
}

/** A hint while typing, by length and variety alone; the server has the last word (it also knows common passwords). */
export function hintAtStrength(password: string): PasswordHint {
  const characters = Array.from(password);
  if (characters.length < LEAST) {
    const missing = LEAST - characters.length;
    return { level: 0, words: `At least ${LEAST} characters: ${missing} to go. A few words in a row work well.` };
  }
  const distinct = new Set(characters).size;
  const score = Math.min(characters.length, distinct * 2);
  if (distinct < 6) {
    return { level: 1, words: 'Weak: the same few characters again and again.' };
  }
  if (score < 16) {
    return { level: 2, words: 'Fair. A few characters more would do it good.' };
  }
  return { level: 3, words: 'Good.' };
}
