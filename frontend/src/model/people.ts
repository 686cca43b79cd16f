import type { Conversation, Person } from '../bridge/port';

/** Two letters for the avatar: of the first and the last word of a name. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const first = Array.from(words[0] ?? '?')[0] ?? '?';
  const last = words.length > 1 ? (Array.from(words.at(-1)!)[0] ?? '') : (Array.from(words[0] ?? '')[1] ?? '');
  return (first + last).toLocaleUpperCase();
}

/** One of the avatar's colours, always the same for a person. */
export function colour(id: string, colours = 8): number {
  let hash = 0;
  for (const c of id) hash = (hash * 31 + c.codePointAt(0)!) >>> 0;
  // Ids made in the same moment differ little: the high bits count too.
  return ((hash ^ (hash >>> 13) ^ (hash >>> 21)) >>> 0) % colours;
}

/** The name people call each other by. */
export function firstName(name: string): string {
  return name.split(/\s+/)[0] || name;
}

/** Ids of everybody in a conversation but me. */
export function others(conversation: Conversation, me: string): string[] {
  return conversation.participants.map((p) => p.person).filter((id) => id !== me);
}

/** By name, as a reader of the locale sorts. */
export function byName(locale: string): (a: Person, b: Person) => number {
  const collator = new Intl.Collator(locale, { sensitivity: 'base' });
  return (a, b) => collator.compare(a.name, b.name);
}

/** The organisations of customers, each with how many it has, in a reader's order. */
export function byOrganisation(people: readonly Person[], locale: string): [string, number][] {
  const counts = new Map<string, number>();
  for (const { kind, organisation, disabled } of people) {
    if (kind === 'customer' && organisation && !disabled) counts.set(organisation, (counts.get(organisation) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b, locale));
}
