import { z } from 'zod';

/** The reason of an admin. It is kept in the audit log for ever, where no reader's address may be. */
export const whySchema = z
  .string()
  .trim()
  .min(3, 'Say in a few words why.')
  .max(500)
  .refine((text) => !text.includes('@'), 'Leave addresses out: this text is kept for ever.');
