import { Closers } from './markdown';

/** A text without its marks, with ranges moved along. */
export interface Plain {
  text: string;
  /** In Unicode code points of `text`, [from, to). */
  ranges: [number, number][];
}

/** What is taken away of each match: the marks, given as lengths at its beginning and its end. */
type Rule = [RegExp, (m: RegExpMatchArray) => { before: number; after: number }];

const RULES: Rule[] = [
  // The mark of a mention keeps its @: `<@ID|Name>` leaves `@Name`.
  [/<@[0-9A-Za-z-]{1,64}\|[^<>|\n]{1,200}>/g, () => ({ before: 0, after: 1 })],
  [/```[a-z]*\n?/g, (m) => ({ before: m[0].length, after: 0 })],
  [/(?<![\p{L}\p{N}*_])([*_])(?=[^\s*_])[^\n*_]*?[^\s*_]\1(?![\p{L}\p{N}*_])/gu, () => ({ before: 1, after: 1 })],
  [/^[ ]{0,3}(?:>|[-*+]|\d+[.)])\s+/gm, (m) => ({ before: m[0].length, after: 0 })],
];

/** A body without its marks: what a reader sees of it, its lines kept. Ranges are those of the body, in code points. */
export function withoutMarks(body: string, ranges: readonly [number, number][]): Plain {
  const dropped = marks(body);
  const text: string[] = [];
  // Where each code point of the body went, and one more for its end.
  const place: number[] = [];
  let unit = 0;
  for (const point of body) {
    place.push(text.length);
    if (!dropped[unit]) text.push(point);
    unit += point.length;
  }
  place.push(text.length);
  const at = (i: number) => place[Math.max(0, Math.min(i, place.length - 1))]!;
  const moved = ranges.map(([from, to]): [number, number] => [at(from), at(to)]);
  return { text: text.join(''), ranges: moved.filter(([from, to]) => to > from) };
}

/** A body as one line of plain text, for lists and announcements. */
export function plain(body: string): string {
  return withoutMarks(body, []).text.replace(/\s+/g, ' ').trim();
}

/** A backslash before a mark that is none, or at the end of a line that is to stay one. */
const ESCAPES = /\\(?:[!-/:-@[-`{-~]|(?=\n))/g;

/** Which of the body's UTF-16 units are marks. */
function marks(typed: string): Uint8Array {
  const dropped = new Uint8Array(typed.length);
  // What is escaped is no mark: the rules get to see something that none of them knows, as long as it was.
  const body = typed.replace(ESCAPES, (escape, at: number) => {
    dropped[at] = 1;
    return '\u0001'.repeat(escape.length);
  });
  for (const [rule, lengths] of RULES) {
    for (const m of body.matchAll(rule)) {
      const end = m.index + m[0].length;
      const { before, after } = lengths(m);
      dropped.fill(1, m.index, m.index + before);
      dropped.fill(1, end - after, end);
    }
  }
  dropPairs(body, dropped);
  for (const m of body.matchAll(RULES[0]![0])) {
    dropped[m.index] = 1;
    dropped.fill(1, m.index + 2, m.index + m[0].indexOf('|') + 1);
  }
  return dropped;
}

/** Marks what opens and closes around something, from left to right. */
function dropPairs(body: string, dropped: Uint8Array): void {
  const closers = new Closers(body);
  const opening = /(\*\*|__|~~|`)(?=\S)/g;
  for (let m = opening.exec(body); m; m = opening.exec(body)) {
    const { length } = m[1]!;
    const end = closers.of(m[1]!, m.index + length + 1);
    if (end < 0) continue;
    dropped.fill(1, m.index, m.index + length);
    dropped.fill(1, end, end + length);
    opening.lastIndex = end + length;
  }
}
