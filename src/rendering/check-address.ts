import { listAlternatives } from './logic/list-alternatives.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

const LINK = /^(?:https?:\/\/|mailto:|tel:|#)/i;
const IMAGE = /^https:\/\//i;

type AddressProblem = Pick<MailProblem, 'code' | 'message'>;

/** A mail has no base address, and nothing but these schemes does anything but harm in one. */
export function checkLink(marks: Marks, address: string): AddressProblem | undefined {
  const wrong = listAlternatives(marks, address).find((one) => !LINK.test(one) && !marks.beginsWithAddress(one));
  return wrong === undefined
    ? undefined
    : {
        code: 'link_not_absolute',
        message: `the link "${shorten(marks, wrong)}" must begin with https://, http://, mailto: or tel:`,
      };
}

/** R15: https only; data: images are dropped by most mailbox providers and make the mail heavy. */
export function checkImage(marks: Marks, address: string): AddressProblem | undefined {
  const wrong = listAlternatives(marks, address).find((one) => !IMAGE.test(one));
  return wrong === undefined
    ? undefined
    : { code: 'image_not_https', message: `the image "${shorten(marks, wrong)}" must begin with https://` };
}

function shorten(marks: Marks, address: string): string {
  return marks.describe(address).slice(0, 100);
}
