import { describe, expect, it } from 'vitest';
import { fill } from './answers';
import { slashAt } from './slash';

describe('fill', () => {
  it('puts values in the place of their names', () => {
    const values = { 'customer.first': 'Dana', 'agent.name': 'Ana Torres', number: '7' };
    expect(fill('Hello {customer.first}, #{number}. {agent.name}', values)).toEqual({
      text: 'Hello Dana, #7. Ana Torres',
      open: null,
    });
  });

  it('leaves what has no value, and says where the first of it stands', () => {
    const { text, open } = fill('{agent.first}: ticket {number}, {title}', { 'agent.first': 'Ana' });
    expect(text).toBe('Ana: ticket {number}, {title}');
    expect(text.slice(...open!)).toBe('{number}');
  });

  it('takes values as text, and other braces as they are', () => {
    expect(fill('{customer.name} {x} {} {{number}}', { 'customer.name': '{number} $&', number: '3' }).text).toBe(
      '{number} $& {x} {} {3}',
    );
  });
});

describe('slashAt', () => {
  it('finds the name after a slash that begins a word', () => {
    expect(slashAt('/ref', 4)).toEqual({ from: 0, query: 'ref' });
    expect(slashAt('Hello\n/', 7)).toEqual({ from: 6, query: '' });
    expect(slashAt('see /opening now', 12)).toEqual({ from: 4, query: 'opening' });
  });

  it('takes no other slash for one', () => {
    for (const text of ['and/or', 'https://', '/home/ana', '/ref ', '1/2'])
      expect(slashAt(text, text.length)).toBeNull();
  });
});
