import { Alert, List } from '@mantine/core';
import { ApiProblem } from '../api/client.ts';

/** Every error is shown with its words; those that belong to a field of this form stand at the field instead. */
export function ProblemNote({
  error,
  fields = [],
}: {
  readonly error: Error | null | undefined;
  readonly fields?: readonly string[];
}) {
  if (!error) {
    return null;
  }
  const elsewhere = error instanceof ApiProblem ? error.fields.filter(({ field }) => !fields.includes(field)) : [];
  return (
    <Alert role="alert" variant="light" color="red" title={messageOf(error)}>
      {elsewhere.length > 0 && (
        <List size="sm">
          {elsewhere.map(({ field, message }) => (
            <List.Item key={`${field} ${message}`}>{field === '' ? message : `${field}: ${message}`}</List.Item>
          ))}
        </List>
      )}
    </Alert>
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
