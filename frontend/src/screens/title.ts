import type { Conversation } from '../bridge/port';
import { others } from '../model/people';
import type { Desk } from '../state/desk.svelte';

/** What a conversation is called: the item it is about, its subject, else the names of the others in it. */
export function titleOf(desk: Desk, conversation: Conversation): string {
  const { about } = conversation;
  if (about) return `#${about.number} ${about.title}`;
  if (conversation.subject) return conversation.subject;
  const names = others(conversation, desk.myId).map((id) => desk.people.get(id)?.name ?? desk.speech.words.somebody);
  return names.join(', ') || desk.speech.words.nobodyElse;
}
