import { Button, CopyButton, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface CodeSampleProps {
  readonly title: string;
  readonly code: string;
  readonly children?: ReactNode;
}

/** Something to paste elsewhere, with a button that takes it along. */
export function CodeSample({ title, code, children }: CodeSampleProps) {
  return (
    <section aria-label={title}>
      <Group justify="space-between" align="center" mb={6}>
        <Text fw={600}>{title}</Text>
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy} aria-label={`${copied ? 'Copied' : 'Copy'}: ${title}`}>
              <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
            </Button>
          )}
        </CopyButton>
      </Group>
      {children}
      <pre className="code-sample">{code}</pre>
    </section>
  );
}
