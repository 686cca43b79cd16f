import { describe, expect, it } from 'vitest';
import type { Message } from '../bridge/port';
import { fold, matches } from './fold';
import { dayNumber, Format } from './format';
import { excerpt, highlight } from './highlight';
import { newKey } from './keys';
import { decodeMentions, encodeMentions, mentionAt } from './mentions';
import { plain, withoutMarks } from './plain';
import { initials } from './people';
import { layRows, mergeMessages } from './rows';

const message = (number: number, author: string, at: string, more: Partial<Message> = {}): Message => ({
  rowKey: `row-${number || at}`,
  id: number ? `m${number}` : '',
  conversation: 'c',
  number,
  author,
  body: `text ${number}`,
  files: [],
  mentions: [],
  createdAt: at,
  state: number ? 'sent' : 'waiting',
  ...more,
});

describe('layRows', () => {
  it('groups within five minutes, draws days and one New line', () => {
    const rows = layRows(
      [
        message(1, 'a', '2026-11-22T10:00:00.000Z'),
        message(2, 'a', '2026-11-22T10:04:59.000Z'),
        message(3, 'a', '2026-11-22T10:10:00.000Z'),
        message(4, 'b', '2026-11-22T10:10:01.000Z'),
        message(5, 'b', '2026-11-24T10:10:01.000Z'),
      ],
      3,
      'a',
    );
    expect(rows.map((r) => (r.type === 'message' ? `${r.message.number}${r.head ? '+' : ''}` : r.type))).toEqual([
      'day',
      '1+',
      '2',
      '3+',
      'new',
      '4+',
      'day',
      '5+',
    ]);
  });

  it('draws no New line for own messages or when there is none to draw', () => {
    const own = [message(1, 'me', '2026-11-22T10:00:00.000Z')];
    expect(layRows(own, 0, 'me').some((r) => r.type === 'new')).toBe(false);
    expect(layRows([message(1, 'b', '2026-11-22T10:00:00.000Z')], -1, 'me').some((r) => r.type === 'new')).toBe(false);
  });

  it('keeps every key unique when clocks run back over midnight', () => {
    const rows = layRows(
      [
        message(1, 'a', '2026-11-22T12:00:00.000Z'),
        message(2, 'b', '2026-11-21T12:00:00.000Z'),
        message(3, 'a', '2026-11-22T12:00:00.000Z'),
      ],
      -1,
      'me',
    );
    expect(new Set(rows.map((r) => r.key)).size).toBe(rows.length);
  });
});

describe('mergeMessages', () => {
  it('keeps the row of a message when it is acknowledged, and its place', () => {
    const waiting = message(0, 'me', '2026-11-22T10:00:00.000Z', { rowKey: 'key-1' });
    const merged = mergeMessages(
      [message(1, 'a', '2026-11-22T10:00:00.000Z'), waiting],
      [{ ...waiting, id: 'm3', number: 3, state: 'sent' }, message(2, 'b', '2026-11-22T10:00:00.000Z')],
    );
    expect(merged.map((m) => [m.number, m.rowKey])).toEqual([
      [1, 'row-1'],
      [2, 'row-2'],
      [3, 'key-1'],
    ]);
  });

  it('never shows a message twice when it comes under its id instead of its key', () => {
    const held = message(3, 'me', '2026-11-22T10:00:00.000Z', { rowKey: 'key-1' });
    expect(mergeMessages([held], [{ ...held, rowKey: 'm3', body: 'edited' }])).toEqual([{ ...held, body: 'edited' }]);
  });
});

describe('mentions', () => {
  const picked = [
    { id: '1', name: 'Ana' },
    { id: '2', name: 'Ana Ruiz' },
  ];

  it('goes to the stored form and back', () => {
    const stored = encodeMentions('@Ana Ruiz, ask @Ana. not @Anabel', picked);
    expect(stored).toEqual({ body: '<@2|Ana Ruiz>, ask <@1|Ana>. not @Anabel', mentions: ['2', '1'] });
    expect(decodeMentions(stored.body)).toEqual({
      typed: '@Ana Ruiz, ask @Ana. not @Anabel',
      picked: [picked[1], picked[0]],
    });
  });

  it('stays readable for a name with marks of the stored form', () => {
    const stored = encodeMentions('@A<b>|c', [{ id: '9', name: 'A<b>|c' }]);
    expect(decodeMentions(stored.body).picked).toEqual([{ id: '9', name: 'A b  c' }]);
  });

  it('sees a mention being typed, and no address', () => {
    expect(mentionAt('hi @lu', 6)).toEqual({ from: 3, query: 'lu' });
    expect(mentionAt('@', 1)).toEqual({ from: 0, query: '' });
    expect(mentionAt('ana@example', 11)).toBeNull();
    expect(mentionAt('@Ana Ruiz is away', 17)).toBeNull();
  });

  it('gives a line of plain text', () => {
    expect(plain('**Hi** <@1|Ana>\n- `x`\n> y')).toBe('Hi @Ana x y');
    expect(plain('snake_case_name 2*3*4 _so_ ~~no~~')).toBe('snake_case_name 2*3*4 so no');
    expect(plain('\\*kept\\* a\\_b\\_c \\[x\\] 1\\. \\\\ \\z\\\nnext \\&')).toBe('*kept* a_b_c [x] 1. \\ \\z next &');
  });

  it('keeps what a search matched marked in the plain text', () => {
    const body = '😀 **two weeks** <@0190-a|Ana Ruiz> weeks';
    const range = (word: string, from = 0): [number, number] => {
      const at = Array.from(body.slice(0, body.indexOf(word, from))).length;
      return [at, at + word.length];
    };
    const { text, ranges } = withoutMarks(body, [range('weeks'), range('Ana'), range('0190')]);
    expect(text).toBe('😀 two weeks @Ana Ruiz weeks');
    const points = Array.from(text);
    expect(ranges.map(([from, to]) => points.slice(from, to).join(''))).toEqual(['weeks', 'Ana']);
  });
});

describe('search marks', () => {
  it('cuts by code points, not by UTF-16 units', () => {
    expect(highlight('😀ana', [[1, 4]])).toEqual([
      { text: '😀', match: false },
      { text: 'ana', match: true },
    ]);
  });

  it('bears wild ranges and loses no text', () => {
    const pieces = highlight('abcdef', [
      [4, 99],
      [1, 3],
      [2, 4],
      [-5, 0],
    ]);
    expect(pieces.map((p) => p.text).join('')).toBe('abcdef');
  });

  it('shows the surroundings of the first match', () => {
    const text = 'x'.repeat(500) + 'needle' + 'y'.repeat(500);
    const pieces = excerpt(text, [[500, 506]], 80);
    expect(pieces.find((p) => p.match)?.text).toBe('needle');
    expect(pieces.reduce((n, p) => n + p.text.length, 0)).toBe(82);
  });
});

describe('format', () => {
  const format = new Format('en-GB', 'Europe/Madrid');
  const now = Date.parse('2026-11-22T00:30:00.000Z');

  it('tells days in the time zone of the reader', () => {
    expect(format.day('2026-11-21T23:30:00.000Z', now)).toBe('Today');
    expect(format.day('2026-11-21T22:30:00.000Z', now)).toBe('Yesterday');
    expect(new Format('es', 'Europe/Madrid').day('2026-11-21T22:30:00.000Z', now)).toBe('Ayer');
    expect(format.short('2026-11-21T23:30:00.000Z', now)).toBe('00:30');
    expect(dayNumber(now, 'Europe/Madrid') - dayNumber(now - 86_400_000, 'Europe/Madrid')).toBe(1);
  });

  it('tells sizes', () => {
    expect([0, 999, 1500, 212_000, 5_300_000_000].map((n) => format.size(n))).toEqual([
      '0 B',
      '999 B',
      '1.5 KB',
      '212 KB',
      '5.3 GB',
    ]);
  });
});

describe('people', () => {
  it('makes initials of any name', () => {
    expect(['Ana Ruiz', 'ana', '😀 b', '', 'Ana María Ruiz Peña'].map(initials)).toEqual([
      'AR',
      'AN',
      '😀B',
      '?',
      'AP',
    ]);
  });

  it('finds without accents and by any word', () => {
    expect(matches('marin lu', 'Luis Marín')).toBe(true);
    expect(matches('uis', 'Luis Marín')).toBe(false);
    expect(matches('ana@ex', 'Ana', 'ana@example.test')).toBe(true);
    expect(fold('ÁÑ')).toBe('an');
  });
});

describe('newKey', () => {
  it('is a UUIDv7 of its moment', () => {
    const key = newKey(0x0190_0000_0001);
    expect(key).toMatch(/^01900000-0001-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newKey()).not.toBe(newKey());
  });
});
