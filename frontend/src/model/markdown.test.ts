import { describe, expect, it } from 'vitest';
import { plain } from './plain';
import { type Block, type Inline, parseMarkdown, safeLink, textOf } from './markdown';

const inline = (body: string): Inline[] => {
  const block = parseMarkdown(body)[0];
  if (block?.type !== 'paragraph') throw new Error(`not a paragraph: ${JSON.stringify(block)}`);
  return block.children;
};

describe('parseMarkdown', () => {
  it('reads emphasis, code and mentions', () => {
    expect(inline('a **b _c_** `d*e*` ~~f~~ <@0190-x|Ana Ruiz>')).toEqual([
      { type: 'text', text: 'a ' },
      {
        type: 'bold',
        children: [
          { type: 'text', text: 'b ' },
          { type: 'italic', children: [{ type: 'text', text: 'c' }] },
        ],
      },
      { type: 'text', text: ' ' },
      { type: 'code', text: 'd*e*' },
      { type: 'text', text: ' ' },
      { type: 'strike', children: [{ type: 'text', text: 'f' }] },
      { type: 'text', text: ' ' },
      { type: 'mention', id: '0190-x', name: 'Ana Ruiz' },
    ]);
  });

  it.each(['snake_case_name', '2*3*4', '2 * 3 * 4', '**', '****', '<b>x</b>', '[a](javascript:alert)', '`', '__init'])(
    'leaves %s as typed',
    (body) => expect(textOf(inline(body))).toBe(body),
  );

  it('takes what stands behind a backslash as it is, and keeps lines that end in one', () => {
    expect(textOf(inline('\\*a\\* \\_b\\_ \\[c\\](d) 1\\. \\& \\| \\\\ \\z'))).toBe('*a* _b_ [c](d) 1. & | \\ \\z');
    expect(inline('one\\\ntwo')).toEqual([
      { type: 'text', text: 'one' },
      { type: 'break' },
      { type: 'text', text: 'two' },
    ]);
  });

  it('links only what is safe, and leaves the sentence its full stop', () => {
    expect(inline('see https://a.example/x_(y). Or [here](https://b.example).')).toEqual([
      { type: 'text', text: 'see ' },
      { type: 'link', href: 'https://a.example/x_(y)', children: [{ type: 'text', text: 'https://a.example/x_(y)' }] },
      { type: 'text', text: '. Or ' },
      { type: 'link', href: 'https://b.example', children: [{ type: 'text', text: 'here' }] },
      { type: 'text', text: '.' },
    ]);
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      '//host',
      'vbscript:x',
      'https://',
    ]) {
      expect(safeLink(bad), bad).toBe(false);
    }
    expect(safeLink('mailto:ana@example.test')).toBe(true);
  });

  it('reads blocks: quotes, lists, code', () => {
    const blocks = parseMarkdown('hello\n> one\n> two\n\n- a\n- b\n  more\n3. c\n```go\nx := `1`\n```\nend');
    expect(blocks.map((b) => b.type)).toEqual(['paragraph', 'quote', 'list', 'list', 'codeblock', 'paragraph']);
    expect(blocks[3]).toMatchObject({ ordered: true, start: 3 });
    expect(blocks[4]).toEqual({ type: 'codeblock', language: 'go', text: 'x := `1`' });
    expect(textOf([blocks[2]!])).toBe('a\nb\nmore');
  });

  it('never throws, ends quickly and loses no word, whatever is typed', () => {
    const parts = [
      '*',
      '**',
      '_',
      '__',
      '`',
      '```',
      '~~',
      '\n',
      '\n\n',
      '> ',
      '- ',
      '1. ',
      '[',
      '](',
      ')',
      '<@a|',
      '>',
      'é',
      '😀',
      ' ',
      '  ',
      '\\',
      'https://x.y/',
      'mailto:a@b',
      'word',
      '\r\n',
      '\0',
    ];
    const random = generator(20261122);
    for (let round = 0; round < 3000; round++) {
      let body = '';
      const words: string[] = [];
      for (let i = random(40); i >= 0; i--) {
        const word = `w${round}x${i}`;
        const withWord = random(3) === 0;
        body += parts[random(parts.length)]! + (withWord ? word : '');
        if (withWord) words.push(word);
      }
      const tree = parseMarkdown(body);
      const shown = textOf(tree) + JSON.stringify(tree);
      for (const word of words) expect(shown, JSON.stringify(body)).toContain(word);
      for (const href of links(tree)) expect(safeLink(href)).toBe(true);
    }
  });

  it.each(['*', '_', '`', '[', '> ', '- ', '**a', '<@', '](', '~~', '[a](', '* '])('bears 20,000 of %s', (part) => {
    expect(textOf(parseMarkdown(part.repeat(20_000))).length).toBeLessThanOrEqual(part.length * 20_000);
  });
});

function links(nodes: readonly (Block | Inline)[]): string[] {
  return nodes.flatMap((n) => [
    ...(n.type === 'link' ? [n.href] : []),
    ...('children' in n ? links(n.children) : []),
    ...('items' in n ? n.items.flatMap(links) : []),
  ]);
}

/** A repeatable source of numbers (mulberry32). */
function generator(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe('hostile text', () => {
  const hostile: Record<string, (n: number) => string> = {
    'bold that never closes': (n) => '**a '.repeat(n),
    'marks within marks': (n) => '**_~~'.repeat(n),
    'one run of backticks': (n) => '`'.repeat(4 * n),
    'runs of rising length': (n) => Array.from({ length: Math.sqrt(8 * n) | 0 }, (_, i) => '`'.repeat(i + 1)).join('x'),
    'addresses that are none': (n) => 'mailto:'.repeat(n),
    'an address of full stops': (n) => ('http://' + '.'.repeat(900) + 'x ').repeat(n / 200),
    'brackets that never close': (n) => '[a]('.repeat(n),
    'closing brackets': (n) => ('http://x' + ')'.repeat(1900) + ' ').repeat(n / 400),
    'mentions that never end': (n) => '<@a|'.repeat(n),
    'deep quotes': (n) => '> '.repeat(n),
    'a list of lists': (n) => '- '.repeat(n),
  };
  // The largest body there is: with anything worse than linear one of these takes many seconds, and the limit ends it.
  it.each(Object.entries(hostile))('%s takes time in proportion', (_, make) => {
    const body = make(37_500).slice(0, 150_000);
    expect(textOf(parseMarkdown(body)).length).toBeLessThanOrEqual(body.length);
    expect(plain(body).length).toBeLessThanOrEqual(body.length);
  });
});
