import type { Desk } from './desk.svelte';

/** Without input for so long, nobody is taken to be looking: what arrives then is not seen, however it stands in view. */
export const ABSENT_AFTER_MS = 60_000;
const TOLD_EVERY_MS = 30_000;
const INPUT = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;

/** Follows focus and input of the window, and tells the desk whether somebody looks. Returns the function that ends it. */
export function attend(desk: Desk): () => void {
  let last = Date.now();
  let told = 0;
  let present = true;
  let pointer = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = () => desk.attend({ focused: present && document.hasFocus() && document.visibilityState === 'visible' });
  const check = () => {
    const left = last + ABSENT_AFTER_MS - Date.now();
    present = left > 0;
    timer = present ? setTimeout(check, left) : undefined;
    if (!present) look();
  };
  const input = (e: Event) => {
    if (e instanceof PointerEvent && e.type === 'pointermove') {
      // What moves under a pointer that rests is told as its moving.
      const place = `${e.screenX},${e.screenY}`;
      if (place === pointer) return;
      pointer = place;
    }
    last = Date.now();
    if (!present) {
      check();
      look();
    }
    if (last - told < TOLD_EVERY_MS) return;
    told = last;
    desk.bridge.session.Input().catch(() => {});
  };

  look();
  check();
  document.addEventListener('visibilitychange', look);
  window.addEventListener('focus', look);
  window.addEventListener('blur', look);
  for (const name of INPUT) window.addEventListener(name, input, { capture: true, passive: true });
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('focus', look);
    window.removeEventListener('blur', look);
    for (const name of INPUT) window.removeEventListener(name, input, { capture: true });
  };
}
