import type { Delivery, Message, Participant } from '../bridge/port';
import { leavesIn, reasonOf } from './deliveries';
import type { Format } from './format';
import type { Words } from './words/en';

/** What became of a message for one recipient, in words. */
export interface LedgerLine {
  person: string;
  text: string;
  state: 'seen' | 'sent' | 'chat' | 'leaving' | 'failed' | 'none';
  /** What can be sent now or stopped, or (failed) sent again. */
  delivery?: Delivery;
}

interface Reader {
  words: Words;
  format: Format;
  nameOf: (id: string) => string;
  /** Whom an agent found a visitor to be; others are themselves. */
  isWho?: (id: string) => string;
  now: number;
}

/**
 * What became of a message in a conversation with customers: a line for each recipient, two for who gets it in the live chat
 * and by mail. Those that failed come first.
 */
export function ledgerLines(
  message: Message,
  participants: readonly Participant[],
  deliveries: readonly Delivery[],
  reader: Reader,
): LedgerLine[] {
  const outside = new Map<string, Delivery[]>();
  const seen = new Map<string, Participant>();
  const stands = new Set(participants.map((p) => p.person));
  // A visitor and the customer they were found to be are one, where both stand here.
  const one = (id: string) => {
    const is = reader.isWho?.(id) ?? id;
    return stands.has(is) ? is : id;
  };
  for (const d of deliveries) {
    if (d.channel !== 'app') outside.set(one(d.person), [...(outside.get(one(d.person)) ?? []), d]);
  }
  const people = new Set(outside.keys());
  for (const p of participants) {
    if (p.person === message.author || p.historyFrom > message.number || p.seenUpTo < message.number) continue;
    const who = one(p.person);
    people.add(who);
    const known = seen.get(who);
    if (!known || known.seenUpTo < p.seenUpTo) seen.set(who, p);
  }
  const each = [...people].map((person) =>
    linesOf(person, message, seen.get(person), outside.get(person) ?? [], reader),
  );
  return each.sort((a, b) => first(a) - first(b)).flat();
}

const order = ['failed', 'leaving', 'sent', 'chat', 'seen', 'none'];
const first = (lines: readonly LedgerLine[]): number => Math.min(...lines.map((l) => order.indexOf(l.state)));

/** The chat before the mail. What was seen says all, but for a mail that failed. */
function linesOf(
  person: string,
  message: Message,
  seen: Participant | undefined,
  told: readonly Delivery[],
  reader: Reader,
): LedgerLine[] {
  const chat = told.filter((d) => d.channel === 'chat');
  const others = told.filter((d) => d.channel !== 'chat');
  const failed = others.filter((d) => d.state === 'failed');
  const { ledger } = reader.words;
  if (!seen && !chat.some((d) => d.state === 'seen')) {
    return [...chat, ...others].map((d) => line(person, d, reader));
  }
  const failures = failed.map((d) => line(person, d, reader));
  if (failed.length > 0 && chat.length === 0) return failures;
  // The moment is known only for the newest number somebody saw.
  const at = seen?.seenAt && seen.seenUpTo === message.number ? reader.format.time(seen.seenAt) : '';
  const text = `${reader.nameOf(person)} · ${chat.length > 0 ? ledger.seenChat(at) : ledger.seen(at)}`;
  return [...failures, { person, state: 'seen', text }];
}

function line(person: string, d: Delivery, { words, format, nameOf, now }: Reader): LedgerLine {
  const { ledger } = words;
  const name = nameOf(person);
  const mail = ledger.mail(name);
  if (d.state === 'failed')
    return { person, state: 'failed', text: `${mail} · ${ledger.failed(failure(d, words))}`, delivery: d };
  if (d.state === 'planned')
    return { person, state: 'leaving', text: `${mail} ${leaving(d, words, now)}`, delivery: d };
  if (d.state === 'sent') {
    const inChat = d.channel === 'chat';
    const text = inChat ? `${name} · ${ledger.chat(format.time(d.at))}` : `${mail} · ${ledger.sent(format.time(d.at))}`;
    return { person, state: inChat ? 'chat' : 'sent', text };
  }
  return { person, state: 'none', text: `${name} · ${reasonOf(d, words)}` };
}

function leaving(d: Delivery, { ledger }: Words, now: number): string {
  const waits = d.dueAt && d.code !== 'leaving' && Date.parse(d.dueAt) > now;
  if (!waits) return ledger.leaving;
  const time = leavesIn(d.dueAt!, now);
  return d.code === 'try-later' || d.code === 'no-answer' ? ledger.again(time) : ledger.leaves(time);
}

/** Why a mail failed: what the mail server said, where it is one of the usual (RFC 3463). */
function failure(d: Delivery, { ledger }: Words): string {
  if (/\b5\.1\.[0-3]\b|user unknown|mailbox unavailable|no such user/i.test(d.detail ?? '')) return ledger.unknown;
  if (d.code === 'returned') return ledger.returned;
  if (d.code === 'gave-up') return ledger.gaveUp;
  return ledger.refused;
}

/** Several recipients in one line: "3 people · 1 failed". */
export function ledgerSummary(
  lines: readonly LedgerLine[],
  { words, format }: Pick<Reader, 'words' | 'format'>,
): string {
  const { ledger } = words;
  const count = (state: LedgerLine['state']) => lines.filter((l) => l.state === state).length;
  const parts = [
    [count('failed'), ledger.nFailed],
    [count('leaving'), ledger.nLeaving],
    [count('sent'), ledger.nSent],
    [count('chat'), ledger.nChat],
    [count('seen'), ledger.nSeen],
    [count('none'), ledger.nNone],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, say]) => say(format.number(n)));
  return [ledger.people(format.number(new Set(lines.map((l) => l.person)).size)), ...told].join(' · ');
}
