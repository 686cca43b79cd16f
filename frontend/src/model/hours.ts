import type { Span } from '../bridge/port';

const time = /^([01]?\d|2[0-3]):([0-5]\d)$|^24:00$/;

/** The spans of a day as they are typed: "09:00-13:00, 15:00-18:00". */
export function hoursText(spans: readonly Span[] = []): string {
  return spans.map((s) => `${s.from}-${s.to}`).join(', ');
}

/** What was typed for a day, in order; empty: closed. undefined where it is not hours, or spans that overlap. */
export function parseHours(typed: string): Span[] | undefined {
  const spans: Span[] = [];
  for (const part of typed.split(/[,;]/).filter((p) => p.trim())) {
    const [from, to, ...more] = part.split(/[-–]/).map(clock);
    const after = spans.at(-1)?.to ?? '';
    if (!from || !to || more.length > 0 || from >= to || from < after) return undefined;
    spans.push({ from, to });
  }
  return spans;
}

/** 9:00 as 09:00; empty where it is no time. */
function clock(typed: string): string {
  const text = typed.trim();
  return time.test(text) ? text.padStart(5, '0') : '';
}
