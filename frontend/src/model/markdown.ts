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

/** Each rule matches at the very place it is tried (`y`), and none backtracks over more than its own line. */
const MENTION = /<@([0-9A-Za-z-]{1,64})\|([^<>|\n]{1,200})>/y;
const CODE = /(`+)([^\n]*?[^`\n])\1(?!`)/y;
const LINK = /\[([^[\]\n]{1,1000})\]\(([^()\s]{1,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)\)/y;
const BARE = /(?:https?:\/\/|mailto:)[^\s<>"'`]{1,2000}/y;
const BOLD = /(\*\*|__)(?=\S)([^\n]{0,5000}?\S)\1/y;
const STRIKE = /(~~)(?=\S)([^\n]{0,5000}?\S)\1/y;
const ITALIC = /(\*|_)(?=[^\s*_])([^\n*_]{0,5000}?[^\s*_])\1(?![\p{L}\p{N}*_])/uy;

const SPECIAL = /[\n<`[*_~\\hm]/g;

function parseInline(text: string, depth: number): Inline[] {
  const out: Inline[] = [];
  let plainFrom = 0;
  let at = 0;
  const flush = (to: number) => {
    if (to > plainFrom) out.push({ type: 'text', text: text.slice(plainFrom, to) });
  };
  while ((at = nextSpecial(text, at)) < text.length) {
    const found = depth <= MAX_DEPTH ? inlineAt(text, at, depth) : null;
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

function inlineAt(text: string, at: number, depth: number): Found | null {
  switch (text[at]) {
    case '\n':
      return { node: { type: 'break' }, length: 1 };
    case '\\':
      return /[\\`*_~[\]()<>#+.!-]/.test(text[at + 1] ?? '')
        ? { node: { type: 'text', text: text[at + 1]! }, length: 2 }
        : null;
    case '<':
      return mention(text, at);
    case '`':
      return code(text, at);
    case '[':
      return link(text, at, depth);
    case 'h':
    case 'm':
      return bareLink(text, at);
    case '*':
    case '_':
    case '~':
      return emphasis(text, at, depth);
    default:
      return null;
  }
}

function match(rule: RegExp, text: string, at: number): RegExpExecArray | null {
  rule.lastIndex = at;
  return rule.exec(text);
}

function mention(text: string, at: number): Found | null {
  const m = match(MENTION, text, at);
  return m && { node: { type: 'mention', id: m[1]!, name: m[2]! }, length: m[0].length };
}

function code(text: string, at: number): Found | null {
  if (text[at - 1] === '`') return null;
  const m = match(CODE, text, at);
  return m && { node: { type: 'code', text: m[2]! }, length: m[0].length };
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
  if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]!)) return null;
  const m = match(BARE, text, at);
  if (!m) return null;
  let href = m[0].replace(/[.,;:!?*_~\]]+$/, '');
  // A closing bracket belongs to the sentence unless the address opened it.
  while (href.endsWith(')') && href.split('(').length < href.split(')').length) href = href.slice(0, -1);
  if (!safeLink(href)) return null;
  return { node: { type: 'link', href, children: [{ type: 'text', text: href }] }, length: href.length };
}

function emphasis(text: string, at: number, depth: number): Found | null {
  const mark = text[at]!;
  // snake_case and 2*3*4 are words, not emphasis.
  if (at > 0 && mark !== '~' && /[\p{L}\p{N}]/u.test(text[at - 1]!) && (mark === '_' || text[at + 1] !== '*'))
    return null;
  const strong = match(mark === '~' ? STRIKE : BOLD, text, at);
  if (strong) return wrap(mark === '~' ? 'strike' : 'bold', strong, depth);
  const soft = mark === '~' ? null : match(ITALIC, text, at);
  return soft && wrap('italic', soft, depth);
}

function wrap(type: 'bold' | 'italic' | 'strike', m: RegExpExecArray, depth: number): Found {
  return { node: { type, children: parseInline(m[2]!, depth + 1) }, length: m[0].length };
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
