import { expect } from 'vitest';
import type { AmbiguousPolicy } from '../../../src/campaigns/index.ts';
import { CLEAN } from './judge.ts';
import type { Judgement } from './judge.ts';
import { recordResult } from './results.ts';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

export interface Play {
  /** In the table of results. */
  readonly name: string;
  readonly policy: AmbiguousPolicy;
  /** How many may be listed at most: messages in flight at the moments when processes or connections died. */
  readonly mostAmbiguous: number;
  /** What happens, up to somebody being there who can bring it to an end. */
  readonly plot: (scene: Scene) => Promise<void>;
}

/** Plays it, waits for the end of the campaign, and judges. The claim of docs/guarantees.md, as assertions. */
export async function expectClaimHeld(stage: Stage, { name, policy, mostAmbiguous, plot }: Play): Promise<Judgement> {
  const scene = await openScene(stage, policy);
  try {
    await plot(scene);
    const { counts } = await scene.finish();
    const judgement = await scene.judge();
    const { verdict, ambiguous, listedTwice } = judgement;
    expect(verdict).toEqual(CLEAN);
    expect(ambiguous.length).toBeLessThanOrEqual(mostAmbiguous);
    // `hold` gives zero doubles, `resend` doubles only those whose fate was unknown.
    expect(listedTwice.length).toBeLessThanOrEqual(policy === 'hold' ? 0 : mostAmbiguous);
    if (policy === 'resend') {
      expect(ambiguous).toEqual([]);
    }
    // Nobody is left out: with faults the same people have it as without (T15).
    expect(counts).toMatchObject({
      accepted: stage.readers - ambiguous.length,
      open: 0,
      suppressed: 0,
      cancelled: 0,
      rejected: 0,
    });
    await recordResult(`${name}, ${policy}`, judgement);
    return judgement;
  } finally {
    await scene.close();
  }
}
