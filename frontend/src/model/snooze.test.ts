import { describe, expect, it } from 'vitest';
import { moments } from './snooze';

const names = (now: Date) => moments(now).map((m) => m.name);

describe('moments', () => {
  it('leaves out an evening that is over, or nearly', () => {
    expect(names(new Date(2026, 10, 25, 10))).toEqual(['hour', 'evening', 'tomorrow', 'monday']);
    expect(names(new Date(2026, 10, 25, 17, 30))).toEqual(['hour', 'tomorrow', 'monday']);
  });

  it('does not offer the same morning twice', () => {
    expect(names(new Date(2026, 10, 22, 10))).toEqual(['hour', 'evening', 'tomorrow']); // a Sunday
    expect(moments(new Date(2026, 10, 23, 10)).at(-1)!.at).toEqual(new Date(2026, 10, 30, 9)); // a Monday
  });

  it('keeps the wall clock through the night when clocks change, and months end', () => {
    const at = moments(new Date(2026, 9, 24, 12)).find((m) => m.name === 'tomorrow')!.at;
    expect([at.getDate(), at.getHours()]).toEqual([25, 9]);
    expect(moments(new Date(2026, 11, 31, 23)).find((m) => m.name === 'tomorrow')!.at).toEqual(new Date(2027, 0, 1, 9));
  });
});
