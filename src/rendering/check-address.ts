import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

const LINK = /^(?:https?:\/\/|mailto:|tel:|#)/i;
const IMAGE = /^https:\/\//i;

type AddressProblem = Pick<MailProblem, 'code' | 'message'>;

/** A mail has no base address, and nothing but these schemes does anything but harm in one. */
export function checkLink(marks: Marks, address: string): AddressProblem | undefined {
  if (LINK.test(address.trim()) || marks.beginsWithAddress(address.trim())) {
    return undefined;
  }
  return {
    code: 'link_not_absolute',
    message: `the link "${address.slice(0, 100)}" must begin with https://, http://, mailto: or tel:`,
  };
}

/** R15: https only; data: images are dropped by most mailbox providers and make the mail heavy. */
export function checkImage(address: string): AddressProblem | undefined {
  return IMAGE.test(address.trim())
    ? undefined
    : { code: 'image_not_https', message: `the image "${address.slice(0, 100)}" must begin with https://` };
}
