import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../bridge/port';
import { Lookers } from './lookers.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function lookers() {
  const said: string[] = [];
  const Looking = async (id: string, looking: boolean) => void said.push(`${id} ${looking}`);
  return { said, lookers: new Lookers({ conversations: { Looking } } as unknown as Bridge, () => 'c') };
}

describe('Lookers', () => {
  it('says that we look at once and every 20 s, and that we no longer do', () => {
    const { said, lookers: l } = lookers();
    const end = l.begin();
    vi.advanceTimersByTime(41_000);
    end();
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual(['c true', 'c true', 'c true', 'c false']);
  });

  it('shows who looks until they say otherwise, or say nothing for 45 s', () => {
    const { lookers: l } = lookers();
    l.heard('luis', true);
    l.heard('eva', true);
    vi.advanceTimersByTime(30_000);
    l.heard('luis', true);
    expect(l.people).toEqual(['luis', 'eva']);
    vi.advanceTimersByTime(20_000);
    expect(l.people).toEqual(['luis']);
    l.heard('luis', false);
    expect(l.people).toEqual([]);
  });

  it('lets who is new know at once that we look, and nobody twice', () => {
    const { said, lookers: l } = lookers();
    l.begin();
    l.heard('luis', true);
    l.heard('luis', true);
    expect(said).toEqual(['c true', 'c true']);
  });
});
