import { z } from 'zod';
import { PERSONAL_FIELDS } from './personal-value.ts';
import type { PersonalField } from './personal-value.ts';

/**
 * What an `erased` record says about values, in its `details`: those in `fields`, of every record of the same subscriber with an id
 * up to `upTo` and, where `before` is given, an `occurred_at` before it.
 */
export interface ErasureScope {
  readonly fields: readonly PersonalField[];
  readonly upTo: number;
  readonly before?: string | undefined;
}

const scopeSchema = z.object({
  fields: z.array(z.enum(PERSONAL_FIELDS)),
  upTo: z.number().int(),
  before: z.iso.datetime({ precision: 3 }).optional(),
});

/** Undefined for a record that only says that somebody was erased. */
export function readErasureScope(details: unknown): ErasureScope | undefined {
  const parsed = scopeSchema.safeParse(details);
  return parsed.success ? parsed.data : undefined;
}

export function isErased(
  scopes: readonly ErasureScope[],
  value: { readonly field: PersonalField; readonly recordId: number; readonly occurredAt: string },
): boolean {
  return scopes.some(
    ({ fields, upTo, before }) =>
      fields.includes(value.field) &&
      value.recordId <= upTo &&
      // Both are UTC to the millisecond, so text compares like time.
      (before === undefined || value.occurredAt < before),
  );
}
