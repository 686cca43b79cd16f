import type { Message } from '../bridge/port';
import type { Desk } from './desk.svelte';
import type { Thread } from './thread.svelte';

/** For how many more seconds a message stays in the outbox, so that it can be undone; 0 where it may have left. */
export function stays(message: Message, now: number): number {
  if (message.state !== 'waiting' || !message.leavesAt) return 0;
  return Math.max(0, Math.ceil((Date.parse(message.leavesAt) - now) / 1000));
}

/** The newest message of a conversation that can be undone. */
export function undoable(thread: Thread): Message | undefined {
  return thread.messages.findLast((m) => stays(m, Date.now()) > 0);
}

/**
 * Takes a message out of the outbox; what was typed stands in the composer again. A conversation that is not yet at the
 * server goes with its first message: what was typed stands on the page of a new one again, or on the item's.
 */
export async function reclaim(desk: Desk, thread: Thread, rowKey: string, how: 'Undo' | 'TakeBack'): Promise<void> {
  const { id, kind, item } = thread.conversation;
  const { conversations } = desk.bridge;
  if (!id.startsWith('new:')) {
    const draft = await conversations[how](rowKey);
    thread.gone(rowKey);
    thread.composing.restore(draft);
    return;
  }
  // It is about to go: that is no loss to tell of.
  desk.setAside();
  try {
    const draft = await conversations[how](rowKey);
    if (item && desk.items?.item) {
      await conversations.SaveDraft(`new:item:${item}:${kind}`, draft);
      await desk.items.open(desk.items.item);
      await desk.items.turn(kind);
    } else {
      await desk.write([], kind);
      desk.composing?.restore(draft);
    }
  } catch (e) {
    await desk.open(thread.conversation);
    throw e;
  }
}

/** Takes back what was sent last in the conversation that is shown; false where nothing can be. */
export function undoLast(desk: Desk): boolean {
  const { thread } = desk;
  const last = thread && undoable(thread);
  if (!last) return false;
  void desk.attempt(() => reclaim(desk, thread, last.rowKey, 'Undo'));
  return true;
}
