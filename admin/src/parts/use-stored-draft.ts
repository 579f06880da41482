import { useCallback, useState } from 'react';

const PREFIX = 'courant:draft:';

export interface StoredDraft<Draft> {
  readonly draft: Draft;
  /** True when the words come from an earlier visit of this page and were never saved. */
  readonly wasRestored: boolean;
  change(changes: Partial<Draft>): void;
  /** After saving, or to throw the words away: the page goes on with `draft`. */
  settle(draft: Draft): void;
}

/** What is typed survives a reload and a session that ended: it is kept in this browser until it is saved. */
export function useStoredDraft<Draft extends object>(name: string, initial: Draft): StoredDraft<Draft> {
  const key = `${PREFIX}${name}`;
  const [stored] = useState(() => readDraft<Draft>(key));
  const [draft, setDraft] = useState<Draft>(() => ({ ...initial, ...stored }));
  const change = useCallback(
    (changes: Partial<Draft>) => {
      setDraft((current) => {
        const next = { ...current, ...changes };
        localStorage.setItem(key, JSON.stringify(next));
        return next;
      });
    },
    [key],
  );
  const settle = useCallback(
    (settled: Draft) => {
      localStorage.removeItem(key);
      setDraft(settled);
    },
    [key],
  );
  return { draft, wasRestored: stored !== undefined, change, settle };
}

function readDraft<Draft>(key: string): Partial<Draft> | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as Partial<Draft>);
  } catch {
    // A draft that cannot be read is worth less than a page that opens.
    return undefined;
  }
}
