/** Text as it is compared when people are looked for: lower case, without accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whether every word of the query begins a word of one of the texts. An empty query matches everything. */
export function matches(query: string, ...texts: (string | undefined)[]): boolean {
  const words = texts.flatMap((t) => fold(t ?? '').split(/[^\p{L}\p{N}]+/u));
  const whole = texts.map((t) => fold(t ?? ''));
  return fold(query)
    .split(/\s+/)
    .filter(Boolean)
    .every((q) => words.some((w) => w.startsWith(q)) || whole.some((w) => w.startsWith(q)));
}
