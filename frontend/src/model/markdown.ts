/**
 * The Markdown subset of messages as a tree: paragraphs, bold, italic, code, links, lists, quotes, mentions.
 * What is not of the subset is text and stays as it was typed. Any input gives a tree; none throws.
 */

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'break' }
  | { type: 'bold'; children: Inline[] }
  | { type: 'italic'; children: Inline[] }
  | { type: 'strike'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; href: string; children: Inline[] }
  | { type: 'mention'; id: string; name: string };

export type Block =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'codeblock'; text: string; language: string }
  | { type: 'quote'; children: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: Block[][] };

/** Deeper quotes, lists and marks than this are shown as they were typed. */
const MAX_DEPTH = 6;

/** Parses a message's body. */
export function parseMarkdown(body: string): Block[] {
  return parseBlocks(body.replace(/\r\n?/g, '\n').split('\n'), 0);
}

const FENCE = /^ {0,3}```([^`]*)$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^ {0,3}(?:[-*+]|(\d{1,9})[.)]) +(?=\S)/;

function parseBlocks(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at]!.trim() === '') {
      at++;
      continue;
    }
    const [block, next] = takeBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

function takeBlock(lines: string[], at: number, depth: number): [Block, number] {
  const line = lines[at]!;
  if (FENCE.test(line)) return takeCode(lines, at);
  if (depth < MAX_DEPTH && QUOTE.test(line)) return takeQuote(lines, at, depth);
  if (depth < MAX_DEPTH && ITEM.test(line)) return takeList(lines, at, depth);
  return takeParagraph(lines, at, depth);
}

function takeCode(lines: string[], at: number): [Block, number] {
  const language = FENCE.exec(lines[at]!)![1]!.trim();
  let end = at + 1;
  while (end < lines.length && !/^ {0,3}```\s*$/.test(lines[end]!)) end++;
  return [{ type: 'codeblock', language, text: lines.slice(at + 1, end).join('\n') }, end + 1];
}

function takeQuote(lines: string[], at: number, depth: number): [Block, number] {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end]!)) end++;
  const inner = lines.slice(at, end).map((l) => l.replace(QUOTE, ''));
  return [{ type: 'quote', children: parseBlocks(inner, depth + 1) }, end];
}

function takeList(lines: string[], at: number, depth: number): [Block, number] {
  const first = ITEM.exec(lines[at]!)!;
  const ordered = first[1] !== undefined;
  const items: Block[][] = [];
  let end = at;
  while (end < lines.length) {
    const mark = ITEM.exec(lines[end]!);
    if (!mark || (mark[1] !== undefined) !== ordered) break;
    const inner = [lines[end]!.slice(mark[0].length)];
    end++;
    // What is indented below an item belongs to it.
    for (; end < lines.length && /^ {2,}\S/.test(lines[end]!); end++) inner.push(lines[end]!.replace(/^ {2,4}/, ''));
    items.push(parseBlocks(inner, depth + 1));
  }
  return [{ type: 'list', ordered, start: ordered ? Number(first[1]) : 1, items }, end];
}

function takeParagraph(lines: string[], at: number, depth: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length && lines[end]!.trim() !== '' && !startsBlock(lines[end]!, depth)) end++;
  return [{ type: 'paragraph', children: parseInline(lines.slice(at, end).join('\n'), 0) }, end];
}

function startsBlock(line: string, depth: number): boolean {
  return FENCE.test(line) || (depth < MAX_DEPTH && (QUOTE.test(line) || ITEM.test(line)));
}

/**
 * Each rule matches at the very place it is tried (`y`) and looks no further than the next mark of its own kind, so that
 * reading takes time in proportion to the text, whatever somebody writes.
 */
const MENTION = /<@([0-9A-Za-z-]{1,64})\|([^<>|\n]{1,200})>/y;
const LINK = /\[([^[\]\n]{1,1000})\]\(([^()\s]{1,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)\)/y;
const BARE = /(?:https?:\/\/|mailto:)[^\s<>"'`]{1,2000}/y;
const ITALIC = /(\*|_)(?=[^\s*_])([^\n*_]{0,5000}?[^\s*_])\1(?![\p{L}\p{N}*_])/uy;
const WORD = /[\p{L}\p{N}]/u;

const SPECIAL = /[\n<`[*_~\\hm]/g;

function parseInline(text: string, depth: number): Inline[] {
  const out: Inline[] = [];
  let plainFrom = 0;
  let at = 0;
  const closers = new Closers(text);
  const flush = (to: number) => {
    if (to > plainFrom) out.push({ type: 'text', text: text.slice(plainFrom, to) });
  };
  while ((at = nextSpecial(text, at)) < text.length) {
    const found = depth <= MAX_DEPTH ? inlineAt(closers, at, depth) : null;
    if (!found) {
      at++;
      continue;
    }
    flush(at);
    out.push(found.node);
    at = plainFrom = at + found.length;
  }
  flush(text.length);
  return out;
}

function nextSpecial(text: string, from: number): number {
  SPECIAL.lastIndex = from;
  const found = SPECIAL.exec(text);
  return found ? found.index : text.length;
}

interface Found {
  node: Inline;
  length: number;
}

function inlineAt(closers: Closers, at: number, depth: number): Found | null {
  const { text } = closers;
  switch (text[at]) {
    case '\n':
      return { node: { type: 'break' }, length: 1 };
    case '\\':
      return escaped(text[at + 1]);
    case '<':
      return mention(text, at);
    case '`':
      return code(closers, at);
    case '[':
      return link(text, at, depth);
    case 'h':
    case 'm':
      return bareLink(text, at);
    case '*':
    case '_':
    case '~':
      return emphasis(closers, at, depth);
    default:
      return null;
  }
}

/** What a backslash stands before: a mark that is none, or the end of a line. */
function escaped(next: string | undefined): Found | null {
  if (next === '\n') return { node: { type: 'break' }, length: 2 };
  return next && /[!-/:-@[-`{-~]/.test(next) ? { node: { type: 'text', text: next }, length: 2 } : null;
}

function match(rule: RegExp, text: string, at: number): RegExpExecArray | null {
  rule.lastIndex = at;
  return rule.exec(text);
}

function mention(text: string, at: number): Found | null {
  const m = match(MENTION, text, at);
  return m && { node: { type: 'mention', id: m[1]!, name: m[2]! }, length: m[0].length };
}

/**
 * Where marks close. Whether a mark closes at a place does not depend on where it opened: what was looked for once
 * stands for every opening before it, and no stretch is searched twice.
 */
export class Closers {
  readonly text: string;
  readonly #next = new Map<string, { from: number; at: number; found: boolean }>();
  #runs: Map<number, number[]> | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The first place from `from` on, in its line, where `mark` stands behind something that is no space; -1 for none. */
  of(mark: string, from: number): number {
    let known = this.#next.get(mark);
    if (!known || from < known.from || from > known.at) {
      known = this.#search(mark, from);
      this.#next.set(mark, known);
    }
    return known.found ? known.at : -1;
  }

  #search(mark: string, from: number): { from: number; at: number; found: boolean } {
    const lineEnd = this.#lineEnd(from);
    let at = this.text.indexOf(mark, from);
    while (at >= 0 && at < lineEnd && /\s/.test(this.text[at - 1] ?? ' ')) at = this.text.indexOf(mark, at + 1);
    const found = at >= 0 && at < lineEnd;
    return { from, at: found ? at : lineEnd, found };
  }

  #lineEnd(from: number): number {
    const end = this.text.indexOf('\n', from);
    return end < 0 ? this.text.length : end;
  }

  /** Where the next run of exactly as many backticks begins, in the same line; -1 for none. */
  ticks(length: number, from: number): number {
    this.#runs ??= this.#findRuns();
    const runs = this.#runs.get(length) ?? [];
    while (runs.length > 0 && runs.at(-1)! < from) runs.pop();
    const at = runs.at(-1) ?? -1;
    return at >= 0 && at < this.#lineEnd(from) ? at : -1;
  }

  /** The runs of each length, the last one first: they are asked for from left to right. */
  #findRuns(): Map<number, number[]> {
    const runs = new Map<number, number[]>();
    for (const found of this.text.matchAll(/`+/g)) {
      const { length } = found[0];
      if (!runs.has(length)) runs.set(length, []);
      runs.get(length)!.push(found.index);
    }
    for (const places of runs.values()) places.reverse();
    return runs;
  }
}

function code(closers: Closers, at: number): Found | null {
  const { text } = closers;
  if (text[at - 1] === '`') return null;
  let length = 1;
  while (text[at + length] === '`') length++;
  const end = closers.ticks(length, at + length);
  return end < 0 ? null : { node: { type: 'code', text: text.slice(at + length, end) }, length: end + length - at };
}

function link(text: string, at: number, depth: number): Found | null {
  const m = match(LINK, text, at);
  if (!m || !safeLink(m[2]!)) return null;
  // A link inside a link would lead two ways: its text holds none.
  const children = parseInline(m[1]!, depth + 1).map(unlink);
  return { node: { type: 'link', href: m[2]!, children }, length: m[0].length };
}

function unlink(node: Inline): Inline {
  if (node.type === 'link') return { type: 'italic', children: node.children.map(unlink) };
  return 'children' in node ? { ...node, children: node.children.map(unlink) } : node;
}

function bareLink(text: string, at: number): Found | null {
  if (at > 0 && WORD.test(text[at - 1]!)) return null;
  const m = match(BARE, text, at);
  if (!m) return null;
  const href = m[0].slice(0, addressEnd(m[0]));
  // What only looks like an address stays text as a whole: what stands in the middle of it begins none.
  if (!safeLink(href)) return { node: { type: 'text', text: m[0] }, length: m[0].length };
  return { node: { type: 'link', href, children: [{ type: 'text', text: href }] }, length: href.length };
}

/** Where an address in a sentence ends: before its full stop, and before a bracket it did not open. */
function addressEnd(text: string): number {
  let end = text.length;
  while (end > 0 && '.,;:!?*_~]'.includes(text[end - 1]!)) end--;
  let open = 0;
  for (let i = 0; i < end; i++) open += text[i] === '(' ? 1 : text[i] === ')' ? -1 : 0;
  for (; open < 0 && text[end - 1] === ')'; open++) end--;
  return end;
}

function emphasis(closers: Closers, at: number, depth: number): Found | null {
  const { text } = closers;
  const mark = text[at]!;
  // snake_case and 2*3*4 are words, not emphasis.
  if (at > 0 && mark !== '~' && WORD.test(text[at - 1]!) && (mark === '_' || text[at + 1] !== '*')) return null;
  if (text[at + 1] === mark && /\S/.test(text[at + 2] ?? ' ')) {
    const end = closers.of(mark + mark, at + 3);
    if (end >= 0) return wrap(mark === '~' ? 'strike' : 'bold', text.slice(at + 2, end), end + 2 - at, depth);
  }
  const soft = mark === '~' ? null : match(ITALIC, text, at);
  return soft && wrap('italic', soft[2]!, soft[0].length, depth);
}

function wrap(type: 'bold' | 'italic' | 'strike', inner: string, length: number, depth: number): Found {
  return { node: { type, children: parseInline(inner, depth + 1) }, length };
}

/** Whether a link may be opened: http, https and mailto, nothing that runs. */
export function safeLink(href: string): boolean {
  try {
    const url = new URL(href);
    if (url.protocol === 'mailto:') return url.pathname.includes('@');
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '';
  } catch {
    return false;
  }
}

/** The text a tree shows, without marks. */
export function textOf(nodes: readonly (Block | Inline)[]): string {
  return nodes.map(nodeText).join('');
}

function nodeText(node: Block | Inline): string {
  switch (node.type) {
    case 'text':
    case 'code':
    case 'codeblock':
      return node.text;
    case 'break':
      return '\n';
    case 'mention':
      return `@${node.name}`;
    case 'list':
      return node.items.map(textOf).join('\n');
    default:
      return textOf(node.children);
  }
}
