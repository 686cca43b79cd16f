import type { Desk } from './desk.svelte';

/** Shows what is asked for from outside: by a link, a bubble, the tray. While nobody is signed in it waits. */
export async function showAsked(desk: Desk): Promise<void> {
  if (desk.session?.stage !== 'signed-in') return;
  const target = await desk.bridge.session.Asked().catch(() => null);
  if (!target) return;
  desk.overlay = null;
  if (target.write) return desk.write();
  if (target.view) return desk.go(target.view);
  const found = await desk.bridge.conversations.Get(target.conversation ?? '').catch(() => null);
  if (found) return desk.open(found, target.number ?? 0);
  desk.notice = desk.speech.words.linkUnknown;
}
