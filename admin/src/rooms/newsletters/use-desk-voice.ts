import { useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Says what happened and where the focus goes, by the id of an element that is there afterwards. */
export type DeskVoice = (words: string, focusId?: string) => void;

/** For what moves on a page: who cannot see it hears where it went, and the focus goes along with it. */
export function useDeskVoice(): { readonly words: string; readonly say: DeskVoice } {
  const [words, setWords] = useState('');
  const focusId = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    const element = focusId.current === undefined ? null : document.getElementById(focusId.current);
    focusId.current = undefined;
    element?.focus();
  });
  const say = useCallback<DeskVoice>((next, id) => {
    focusId.current = id;
    // The same words twice would be heard once.
    setWords((before) => (before === next ? `${next}\u00A0` : next));
  }, []);
  return { words, say };
}
