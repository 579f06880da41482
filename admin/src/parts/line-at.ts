/** The line of the caret, or the last one above it that says something. */
export function lineAt(text: string, position: number): string {
  const end = text.indexOf('\n', position);
  const upToLine = text.slice(0, end === -1 ? undefined : end).trimEnd();
  return upToLine.slice(upToLine.lastIndexOf('\n') + 1);
}
