/** A mention as stored in a body is `<@ID|Name>`; as typed it is `@Name`. */
export interface Mention {
  id: string;
  name: string;
}

const STORED = /<@([0-9A-Za-z-]{1,64})\|([^<>|\n]{1,200})>/g;

/** Turns what was typed into what is stored: each `@Name` that was picked from the list becomes a mention. */
export function encodeMentions(typed: string, picked: readonly Mention[]): { body: string; mentions: string[] } {
  const byLength = [...picked].sort((a, b) => b.name.length - a.name.length);
  if (byLength.length === 0) return { body: typed, mentions: [] };
  const names = byLength.map((m) => escape(m.name)).join('|');
  const found = new Set<string>();
  const body = typed.replace(new RegExp(`@(${names})(?![\\p{L}\\p{N}_])`, 'gu'), (whole, name: string) => {
    const mention = byLength.find((m) => m.name === name);
    if (!mention) return whole;
    found.add(mention.id);
    return `<@${mention.id}|${storable(mention.name)}>`;
  });
  return { body, mentions: [...found] };
}

/** The way back: what is stored, as it would be typed, and whom it mentions. */
export function decodeMentions(body: string): { typed: string; picked: Mention[] } {
  const picked = new Map<string, Mention>();
  const typed = body.replace(STORED, (_, id: string, name: string) => {
    picked.set(id, { id, name });
    return `@${name}`;
  });
  return { typed, picked: [...picked.values()] };
}

/** The mention being typed at the caret: the text after an `@` that begins a word, and where the `@` stands. */
export function mentionAt(text: string, caret: number): { from: number; query: string } | null {
  const before = text.slice(Math.max(0, caret - 60), caret);
  const found = /(?:^|[\s([{"'«“])@([^\s@][^@\n]{0,40}|)$/u.exec(before);
  if (!found) return null;
  const query = found[1]!;
  // Two words at most: a name and a surname. After that it is a sentence.
  if (query.split(/\s+/).length > 2 || /[.,;:!?]\s/.test(query)) return null;
  return { from: caret - query.length - 1, query };
}

function storable(name: string): string {
  return name.replace(/[<>|\n]/g, ' ').trim();
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
