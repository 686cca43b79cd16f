/** Somebody connected to the live chat, and what their browser said of itself, which nothing proves. */
export interface Chat {
  person: string;
  connected: boolean;
  site?: string;
  page?: string;
  title?: string;
  since?: string;
  /** Closed then: a little longer they count as connected. */
  leftAt?: string;
  browser?: string;
  language?: string;
}

export interface Span {
  /** HH:MM; `to` may be 24:00. */
  from: string;
  to: string;
}

export type Day = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** Opening hours in the time of a zone like Europe/Madrid; a day that is missing is closed. */
export interface Hours {
  zone: string;
  days: Partial<Record<Day, Span[]>>;
}

/** A web site with the live chat on it. */
export interface Site {
  id: string;
  name: string;
  /** Whose pages may show the chat; none: any. */
  origins: string[];
  identity: 'optional' | 'required';
  disabled?: boolean;
  /** #rrggbb */
  accent?: string;
  greeting: { en: string; es: string };
  /** Absent: always open. */
  hours?: Hours;
  /** Users who stand in a new visitor's conversation; none: it is everybody's. */
  told: string[];
  /** What a visitor's first message begins. */
  opens: Opens;
  /** Where pages load the chat from; absent where the server was told no address. */
  publicUrl?: string;
  /** Given once, to who made it. */
  secret?: string;
  createdAt: string;
}

/** What a customer's first word begins. */
export type Opens = 'conversation' | 'ticket';

/** What is left out stays; hours with an empty zone: always open. */
export type SitePatch = Partial<Omit<Site, 'id' | 'secret' | 'createdAt' | 'publicUrl'>> & { newSecret?: boolean };
