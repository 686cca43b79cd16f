export interface Moment {
  name: 'hour' | 'evening' | 'tomorrow' | 'monday';
  at: Date;
}

/** Moments to sleep until, on the wall clock of whoever reads: each later than the one before, none twice. */
export function moments(now: Date): Moment[] {
  const on = (days: number, hour: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const all: Moment[] = [{ name: 'hour', at: new Date(now.getTime() + 3_600_000) }];
  const evening = on(0, 18);
  if (evening > all[0]!.at) all.push({ name: 'evening', at: evening });
  all.push({ name: 'tomorrow', at: on(1, 9) });
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) all.push({ name: 'monday', at: on(toMonday, 9) });
  return all;
}
