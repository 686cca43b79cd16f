import type { View } from '../bridge/port';
import type { Kind } from './composing.svelte';

export type Place = View | 'contacts' | 'held' | 'tickets' | 'tasks';
export type Overlay = 'palette' | 'settings' | 'keys' | 'invite' | 'sites' | 'team-mail' | 'answers' | 'snooze' | null;

/** The view a conversation of a kind stands in once one wrote in it, and while it is being written. */
export function placeOf(kind: Kind): View {
  return kind === 'customer' ? 'open' : 'internal-sent';
}
