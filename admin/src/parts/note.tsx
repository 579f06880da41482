import type { ReactNode } from 'react';

interface NoteProps {
  /** `calm` informs, `good` is news, `wait` asks for attention, `bad` says that something did not work. */
  readonly tone: 'calm' | 'good' | 'wait' | 'bad';
  readonly title?: string;
  readonly role?: 'alert' | 'status';
  readonly children?: ReactNode;
}

export function Note({ tone, title, role, children }: NoteProps) {
  return (
    <div className="note" data-tone={tone} role={role}>
      {title !== undefined && <p className="note-title">{title}</p>}
      {children}
    </div>
  );
}
