/** Dates, times, numbers and sizes, in the reader's locale and time zone. */
export class Format {
  readonly locale: string;
  readonly #timeZone: string | undefined;
  readonly #time: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;
  readonly #weekdayLong: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #dateYear: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  readonly #number: Intl.NumberFormat;
  readonly #decimal: Intl.NumberFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #and: Intl.ListFormat;

  constructor(locale: string, timeZone?: string) {
    const make = (o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...o, timeZone });
    this.locale = locale;
    this.#timeZone = timeZone;
    this.#time = make({ hour: '2-digit', minute: '2-digit' });
    this.#weekday = make({ weekday: 'short' });
    this.#weekdayLong = make({ weekday: 'long', day: 'numeric', month: 'long' });
    this.#date = make({ day: 'numeric', month: 'short' });
    this.#dateYear = make({ day: 'numeric', month: 'short', year: 'numeric' });
    this.#full = make({ dateStyle: 'full', timeStyle: 'medium' });
    this.#number = new Intl.NumberFormat(locale);
    this.#decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    this.#and = new Intl.ListFormat(locale, { type: 'conjunction' });
  }

  /** 10:42 */
  time(iso: string): string {
    return this.#time.format(new Date(iso));
  }

  /** The whole moment, for tooltips. */
  full(iso: string): string {
    return this.#full.format(new Date(iso));
  }

  /** A moment to come: the time, and the day unless it is today. */
  moment(iso: string, now: number): string {
    const days = this.daysAgo(iso, now);
    return days === 0 ? this.time(iso) : `${this.#weekdayLong.format(new Date(iso))}, ${this.time(iso)}`;
  }

  number(n: number): string {
    return this.#number.format(n);
  }

  /** Names as a sentence has them: "Ana, Luis and Priya". */
  names(names: readonly string[]): string {
    return this.#and.format(names);
  }

  /** For the list: the time today, "Yesterday", the weekday within a week, else the date. */
  short(iso: string, now: number): string {
    const days = this.daysAgo(iso, now);
    if (days <= 0) return this.time(iso);
    if (days === 1) return capital(this.#relative.format(-1, 'day'), this.locale);
    if (days < 7) return capital(this.#weekday.format(new Date(iso)), this.locale);
    return this.#sameYear(iso, now) ? this.#date.format(new Date(iso)) : this.#dateYear.format(new Date(iso));
  }

  /** For a day line: "Today", "Yesterday", else the day. */
  day(iso: string, now: number): string {
    const days = this.daysAgo(iso, now);
    if (days === 0 || days === 1) return capital(this.#relative.format(-days, 'day'), this.locale);
    if (this.#sameYear(iso, now)) return capital(this.#weekdayLong.format(new Date(iso)), this.locale);
    return this.#dateYear.format(new Date(iso));
  }

  /** Calendar days between then and now, in the reader's time zone; negative for the future. */
  daysAgo(iso: string, now: number): number {
    return dayNumber(now, this.#timeZone) - dayNumber(Date.parse(iso), this.#timeZone);
  }

  /** What a language is called, by its tag (BCP 47); the tag itself where it is none. */
  language(tag: string): string {
    try {
      return new Intl.DisplayNames(this.locale, { type: 'language' }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  /** 212 KB; powers of 1,000, as file managers show it. */
  size(bytes: number): string {
    const units = ['B', 'KB', 'MB', 'GB'];
    let value = bytes;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return `${value >= 10 || unit === 0 ? this.number(Math.round(value)) : this.#decimal.format(value)} ${units[unit]}`;
  }

  #sameYear(iso: string, now: number): boolean {
    return new Date(iso).getFullYear() === new Date(now).getFullYear();
  }
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of a moment, as a count that grows by one each day. */
export function dayNumber(ms: number, timeZone?: string): number {
  const key = timeZone ?? '';
  let format = dayFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    dayFormats.set(key, format);
  }
  return Math.round(Date.parse(`${format.format(ms)}T00:00:00Z`) / 86_400_000);
}

function capital(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
