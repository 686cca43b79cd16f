import type { Delivery } from '../bridge/port';
import type { Words } from './words/en';

/** How long until something leaves, as 0:42 or 12:05; 0:00 where it is leaving. */
export function leavesIn(dueAt: string, now: number): string {
  const seconds = Math.max(0, Math.round((Date.parse(dueAt) - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Why a delivery is as it is, in a person's words; for codes not known here, in the server's. */
export function reasonOf(d: Delivery, words: Words): string {
  const known = words.deliveryReasons as Record<string, string>;
  return (d.code && known[d.code]) || d.reason || d.state;
}
