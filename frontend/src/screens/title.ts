import type { Conversation, Person } from '../bridge/port';
import { firstName, others } from '../model/people';
import type { Desk } from '../state/desk.svelte';

/** What a conversation is called: its subject, else the names of the others in it. */
export function titleOf(desk: Desk, conversation: Conversation): string {
  if (conversation.subject) return conversation.subject;
  const names = others(conversation, desk.myId).map((id) => desk.people.get(id)?.name ?? desk.speech.words.somebody);
  return names.join(', ') || desk.speech.words.nobodyElse;
}

/** Who will get what is being written, and by which channel: customers first. */
export function channelsTo(desk: Desk, people: readonly Person[]): string {
  const { words, format } = desk.speech;
  const names = (kind: Person['kind']) =>
    format.names(people.filter((p) => p.kind === kind).map((p) => firstName(p.name)));
  const customers = names('customer');
  const users = names('user');
  return [customers && words.byMail(customers), users && words.inAppThenMail(users)].filter(Boolean).join(' · ');
}
