import { describe, expect, it } from 'vitest';
import { hoursText, parseHours } from './hours';

describe('opening hours as they are typed', () => {
  it.each([
    ['', []],
    ['9:00-13:30', [{ from: '09:00', to: '13:30' }]],
    [
      '09:00–13:00; 15:00 - 24:00',
      [
        { from: '09:00', to: '13:00' },
        { from: '15:00', to: '24:00' },
      ],
    ],
  ])('%o are %o', (typed, spans) => {
    expect(parseHours(typed)).toEqual(spans);
    expect(parseHours(hoursText(spans))).toEqual(spans);
  });

  it.each([
    '9',
    '9:00',
    '25:00-26:00',
    '10:00-09:00',
    '09:00-12:00, 11:00-13:00',
    '9:00-10:00-11:00',
    '9:60-10:00',
    'always',
  ])('%o are none', (typed) => {
    expect(parseHours(typed)).toBeUndefined();
  });
});
