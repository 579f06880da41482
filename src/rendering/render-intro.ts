/** An issue's intro as HTML for a page: as the mail has it, without its pictures, and its links as the editor wrote them. */
export async function renderIntro(markdown: string): Promise<string> {
  // The parser is loaded only by a process that shows an intro.
  const { writeIntro } = await import('./write-intro.ts');
  return writeIntro(markdown, { link: (address) => address, withImages: false });
}
