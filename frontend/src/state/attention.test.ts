import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { person, signedIn } from '../../test/desk';
import { ABSENT_AFTER_MS, attend } from './attention';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function attended() {
  const { desk } = await signedIn([person('ana', 'Ana Torres')]);
  const input = vi.fn(async () => {});
  desk.bridge.session.Input = input;
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  return { desk, input, stop: attend(desk) };
}

describe('Attention', () => {
  it('ends without input, and comes back with it', async () => {
    const { desk, stop } = await attended();
    expect(desk.focused).toBe(true);
    vi.advanceTimersByTime(ABSENT_AFTER_MS - 1);
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    vi.advanceTimersByTime(ABSENT_AFTER_MS - 1);
    expect(desk.focused).toBe(true);
    vi.advanceTimersByTime(1);
    expect(desk.focused).toBe(false);
    window.dispatchEvent(new Event('wheel'));
    expect(desk.focused).toBe(true);
    stop();
  });

  it('is not kept by a pointer that rests while the page moves', async () => {
    const { desk, stop } = await attended();
    const rest = () => window.dispatchEvent(new PointerEvent('pointermove', { screenX: 5, screenY: 5 }));
    rest();
    vi.advanceTimersByTime(ABSENT_AFTER_MS - 1000);
    rest();
    vi.advanceTimersByTime(1000);
    expect(desk.focused).toBe(false);
    stop();
  });

  it('ends while the screen is locked', async () => {
    const { desk, stop } = await attended();
    desk.attend({ locked: true });
    expect(desk.focused).toBe(false);
    desk.attend({ locked: false });
    expect(desk.focused).toBe(true);
    stop();
  });

  it('tells of input twice a minute at most', async () => {
    const { input, stop } = await attended();
    for (let i = 0; i < 60; i++) {
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
      vi.advanceTimersByTime(1000);
    }
    expect(input).toHaveBeenCalledTimes(2);
    stop();
  });
});
