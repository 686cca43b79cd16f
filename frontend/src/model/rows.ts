import type { Message } from '../bridge/port';
import { dayNumber } from './format';

/** Messages of one person within this time are shown as one group. */
export const GROUP_MS = 5 * 60_000;

/** A row of the thread: a message, or a line between messages. */
export type Row =
  | { type: 'day'; key: string; at: string }
  | { type: 'new'; key: string }
  | { type: 'message'; key: string; message: Message; head: boolean };

/**
 * Lays out messages in ascending order. The New line stands before the first message of somebody else
 * whose number is above `newAfter`; a negative `newAfter` shows none.
 */
export function layRows(messages: readonly Message[], newAfter: number, me: string): Row[] {
  const rows: Row[] = [];
  let previous: Message | undefined;
  let newShown = newAfter < 0;
  for (const message of messages) {
    const newDay = !previous || day(previous) !== day(message);
    if (newDay) rows.push({ type: 'day', key: `day:${day(message)}`, at: message.createdAt });
    const isNew = !newShown && message.number > newAfter && message.author !== me;
    if (isNew) {
      rows.push({ type: 'new', key: 'new' });
      newShown = true;
    }
    const head = newDay || isNew || !previous || !sameGroup(previous, message);
    rows.push({ type: 'message', key: message.rowKey, message, head });
    previous = message;
  }
  return dedupeDays(rows);
}

/** Clocks of other machines may run back over midnight; a day's key must stay unique in the list. */
function dedupeDays(rows: Row[]): Row[] {
  const seen = new Set<string>();
  for (const row of rows) {
    while (seen.has(row.key)) row.key += '+';
    seen.add(row.key);
  }
  return rows;
}

function sameGroup(a: Message, b: Message): boolean {
  const apart = Date.parse(b.createdAt) - Date.parse(a.createdAt);
  return a.author === b.author && Math.abs(apart) < GROUP_MS && marks(a) === marks(b);
}

/** What stands beside the name of a mail's sender: it has to be told anew where it changes. */
function marks({ mail }: Message): string {
  return mail ? `${mail.verified} ${mail.automatic ?? false}` : '';
}

function day(message: Message): number {
  return dayNumber(Date.parse(message.createdAt));
}

/** The order of a thread: by number; what waits in the outbox stands at the end, as it was written. */
export function compareMessages(a: Message, b: Message): number {
  if (a.number > 0 && b.number > 0) return a.number - b.number;
  if (a.number > 0) return -1;
  if (b.number > 0) return 1;
  return a.rowKey < b.rowKey ? -1 : a.rowKey > b.rowKey ? 1 : 0;
}

/** Puts messages into a thread: replaces those it holds (by row or by id), keeps the order, never doubles. */
export function mergeMessages(held: readonly Message[], incoming: readonly Message[]): Message[] {
  const rows = new Map<string, Message>(held.map((m) => [m.rowKey, m]));
  const rowOf = new Map<string, string>();
  for (const m of held) if (m.id) rowOf.set(m.id, m.rowKey);
  for (const m of incoming) {
    const known = rows.has(m.rowKey) ? m.rowKey : m.id ? rowOf.get(m.id) : undefined;
    const rowKey = known ?? m.rowKey;
    rows.set(rowKey, m.rowKey === rowKey ? m : { ...m, rowKey });
    if (m.id) rowOf.set(m.id, rowKey);
  }
  return [...rows.values()].sort(compareMessages);
}
