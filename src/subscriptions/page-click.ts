import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { deriveMomentToken, readMomentToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

/** Scripts of link scanners submit a page's form at once (FusionAuth #2443); nobody has read the page by then (R36). */
const TOO_SOON_MS = 1000;

/** The name and value are the button's: a browser sends them when the button is pressed, not when a script submits the form. */
const clickSchema = z.object({ press: z.literal('yes'), page: z.string().max(60) });

interface ClickDeps {
  readonly clock: Clock;
  readonly keyring: Keyring;
}

/** Goes into a page with a button: what the page was about and when it was shown. */
export function derivePageToken({ clock, keyring }: ClickDeps, rowId: number): string {
  return deriveMomentToken(keyring, 'confirm-page', { rowId, at: clock.now() });
}

/** Whether this body is a press of the button of a page about this row, by somebody who had the time to see it. */
export function isPressed({ clock, keyring }: ClickDeps, rowId: number, body: unknown): boolean {
  const click = clickSchema.safeParse(body);
  const shown = click.success ? readMomentToken(keyring, 'confirm-page', click.data.page) : undefined;
  return shown?.rowId === rowId && clock.now().getTime() - shown.at.getTime() >= TOO_SOON_MS;
}
