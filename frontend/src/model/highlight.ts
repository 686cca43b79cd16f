/** A piece of text, marked where it matched. */
export interface Piece {
  text: string;
  match: boolean;
}

/** Cuts text at ranges of Unicode code points, [from, to). Overlapping, unordered and outlying ranges are borne. */
export function highlight(text: string, ranges: readonly [number, number][]): Piece[] {
  const points = Array.from(text);
  const pieces: Piece[] = [];
  let at = 0;
  const push = (to: number, match: boolean) => {
    if (to > at) pieces.push({ text: points.slice(at, to).join(''), match });
    at = Math.max(at, to);
  };
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    push(Math.min(from, points.length), false);
    push(Math.min(to, points.length), true);
  }
  push(points.length, false);
  return pieces;
}

/** The part of a long text around its first match, at most `width` code points, with the ranges moved along. */
export function excerpt(text: string, ranges: readonly [number, number][], width: number): Piece[] {
  const points = Array.from(text.replace(/\s/g, ' '));
  const first = Math.min(...ranges.map((r) => r[0]), points.length);
  const start = points.length <= width || first === points.length ? 0 : Math.max(0, first - Math.floor(width / 4));
  const end = Math.min(points.length, start + width);
  const moved = ranges
    .filter(([from, to]) => to > start && from < end)
    .map(([from, to]): [number, number] => [Math.max(0, from - start), Math.min(to, end) - start]);
  const pieces = highlight(points.slice(start, end).join(''), moved);
  if (start > 0) pieces.unshift({ text: '…', match: false });
  if (end < points.length) pieces.push({ text: '…', match: false });
  return pieces;
}
