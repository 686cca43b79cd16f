/** The name of a canned answer being typed at the caret: the text after a `/` that begins a word, and where the `/` stands. */
export function slashAt(text: string, caret: number): { from: number; query: string } | null {
  const found = /(?:^|\s)\/([^\s/]{0,40})$/u.exec(text.slice(Math.max(0, caret - 60), caret));
  return found ? { from: caret - found[1]!.length - 1, query: found[1]! } : null;
}
