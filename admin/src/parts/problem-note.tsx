import { ApiProblem } from '../api/client.ts';
import { Note } from './note.tsx';

const NO_FIELDS: readonly string[] = [];

/** Every error is shown with its words; those that belong to a field of this form stand at the field instead. */
export function ProblemNote({
  error,
  fields = NO_FIELDS,
}: {
  readonly error: Error | null | undefined;
  readonly fields?: readonly string[];
}) {
  if (!error) {
    return null;
  }
  const all = error instanceof ApiProblem ? error.fields : [];
  const elsewhere = all.filter(({ field }) => !fields.includes(field));
  const title = all.length > 0 && elsewhere.length === 0 ? 'Look at the field marked below.' : messageOf(error);
  return (
    <Note role="alert" tone="bad" title={title}>
      {elsewhere.length > 0 && (
        <ul>
          {elsewhere.map(({ field, message }) => (
            <li key={`${field} ${message}`}>{field === '' ? message : `${field}: ${message}`}</li>
          ))}
        </ul>
      )}
    </Note>
  );
}

/** For a field's `error`. */
export function fieldError(error: Error | null, field: string): string | undefined {
  return error instanceof ApiProblem ? error.fields.find((problem) => problem.field === field)?.message : undefined;
}

export function messageOf(error: Error): string {
  if (error instanceof ApiProblem && error.retryAfterSeconds !== undefined) {
    return `${error.message} Try again in ${error.retryAfterSeconds} s.`;
  }
  return error.message;
}
