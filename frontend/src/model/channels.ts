import type { Person } from '../bridge/port';
import type { Format } from './format';
import { firstName } from './people';
import type { Words } from './words/en';

/** Who will get what is being written: those in the live chat by name, and the others with their channels. */
export function channelsTo(
  people: readonly Person[],
  inChat: (id: string) => boolean,
  { words, format }: { words: Words; format: Format },
): { chat: string; rest: string } {
  const names = (some: readonly Person[]) => format.names(some.map((p) => firstName(p.name)));
  const customers = people.filter((p) => p.kind === 'customer');
  const away = customers.filter((p) => !inChat(p.id));
  const mailed = names(away.filter((p) => p.email));
  const nowhere = names(away.filter((p) => !p.email && !p.mergedInto));
  const users = names(people.filter((p) => p.kind === 'user'));
  const rest = [
    mailed && words.byMail(mailed),
    nowhere && words.unreachable(nowhere),
    users && words.inAppThenMail(users),
  ];
  return { chat: names(customers.filter((p) => inChat(p.id))), rest: rest.filter(Boolean).join(' · ') };
}
