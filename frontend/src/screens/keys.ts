import type { Desk } from '../state/desk.svelte';
import { undoLast } from '../state/undo';

const SETTING = 'recado.single-keys';

/** Whether shortcuts of a single key are on. They can be switched off, for those who dictate. */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(SETTING) !== 'off';
  } catch {
    return true;
  }
}

/** Switches shortcuts of a single key on or off, on this computer. */
export function useSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(SETTING, on ? 'on' : 'off');
  } catch {
    // Without storage the choice cannot be kept; the shortcuts stay as they are.
  }
}

/** The keyboard of the main window. Returns whether the key was taken. */
export function takeKey(desk: Desk, e: KeyboardEvent): boolean {
  const command = e.ctrlKey || e.metaKey;
  if (command && !e.altKey && e.shiftKey && e.key.toLowerCase() === 'n') {
    void desk.write([], 'customer');
    return true;
  }
  const typing = e.target instanceof HTMLElement && e.target.matches('input, textarea, select');
  // In a field it undoes what was typed.
  if (command && !e.altKey && !e.shiftKey && e.key === 'z') return !typing && undoLast(desk);
  if (command && !e.altKey && !e.shiftKey) return takeCommand(desk, e.key.toLowerCase());
  if (e.altKey || command) return false;
  if (e.key === 'Escape') return back(desk, typing);
  return !typing && singleKeys() && takeSingle(desk, e.key);
}

function takeCommand(desk: Desk, key: string): boolean {
  if (key === 'k') desk.overlay = 'palette';
  else if (key === 'n') void desk.write();
  else return false;
  return true;
}

function takeSingle(desk: Desk, key: string): boolean {
  switch (key.toLowerCase()) {
    case 'j':
      return step(1);
    case 'k':
      return step(-1);
    case 'r':
      document.querySelector<HTMLElement>('[data-field=message]')?.focus();
      return true;
    case 'e':
      if (desk.thread?.conversation.kind !== 'customer') return false;
      void desk.toggleClosed();
      return true;
    case 'h':
      if (!desk.thread) return false;
      desk.overlay = 'snooze';
      return true;
    case '/':
      desk.overlay = 'palette';
      return true;
    case '?':
      desk.overlay = 'keys';
      return true;
    default:
      return false;
  }
}

/** From the composer first to the messages, then out of the conversation. */
function back(desk: Desk, typing: boolean): boolean {
  if (typing) (document.querySelector<HTMLElement>('[role=log]') ?? document.body).focus();
  else if (desk.thread) desk.closeThread();
  else return false;
  return true;
}

function step(by: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('section.list ul button')];
  const focused = rows.indexOf(document.activeElement as HTMLElement);
  const at = focused >= 0 ? focused : rows.findIndex((r) => r.getAttribute('aria-current') === 'true');
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
  return rows.length > 0;
}
