import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { deriveMomentToken, readMomentToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

const text = z.string().max(60).optional().catch('');
/**
 * `press` is the name of the button: a browser sends it when the button is pressed, not when a script submits the form. `by` is added
 * by the page's own script (press.js), which knows a person's press from a script's. `page` is in the page itself.
 */
const clickSchema = z.object({ press: text, page: text, by: text });

interface ClickDeps {
  readonly clock: Clock;
  readonly keyring: Keyring;
}

/** Goes into a page with a button: what the page was about and when it was shown. */
export function derivePageToken({ clock, keyring }: ClickDeps, rowId: number): string {
  return deriveMomentToken(keyring, 'confirm-page', { rowId, at: clock.now() });
}

/**
 * Whether this body is a press of the button of a page about this row (R35, R36). A scanner that submits what it finds in the page
 * sends `page` without `press`, or `by=script`. A body with none of the three did not come from a page at all: somebody's own
 * program, which means what it posts.
 */
export function isPressed({ keyring }: Pick<ClickDeps, 'keyring'>, rowId: number, body: unknown): boolean {
  if (!isFromPage(body)) {
    return true;
  }
  const { press, page, by } = clickSchema.parse(body);
  const isOfThisPage = page !== undefined && readMomentToken(keyring, 'confirm-page', page)?.rowId === rowId;
  return isOfThisPage && press === 'yes' && (by === undefined || by === 'hand');
}

/** False for a POST with none of the fields of our page. */
export function isFromPage(body: unknown): boolean {
  return Object.values(clickSchema.parse(body ?? {})).some((value) => value !== undefined);
}
