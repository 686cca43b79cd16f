import { Api, Refusal, type Message, type Person, type Site } from './api';
import { EventReader, type ServerEvent } from './events';
import type { Identity, Page } from './protocol';
import { Shelf } from './shelf';

/** Typed here and not yet at the server. It survives a reload; the key keeps it from being sent twice. */
export interface Waiting {
  key: string;
  body: string;
  files: string[];
  failed?: boolean;
}

const WATCHDOG_MS = 45_000;
const MOST_PAUSE_MS = 30_000;
const TYPING_SHOWN_MS = 6_000;

/** One visitor's chat. Tabs of the same browser share a stream: one of them holds it, and tells the others. */
export class Chat {
  site: Site | undefined;
  me: Person | undefined;
  messages: Message[] = [];
  people = new Map<string, Person>();
  waiting: Waiting[];
  /** By conversation, how far somebody of the team has seen. */
  seenByTeam = new Map<string, number>();
  typing = '';
  offline = false;
  next: string | undefined;
  refused = '';
  readonly api: Api;
  readonly #shelf: Shelf;
  readonly #tabs: BroadcastChannel | undefined;
  #mySeen = new Map<string, number>();
  #place = '';
  #sending = false;
  #identity: Identity | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #typedAt = 0;
  #wake: () => void = () => {};

  constructor(
    site: string,
    private readonly changed: () => void,
  ) {
    this.api = new Api(site);
    this.#shelf = new Shelf(site);
    this.waiting = this.#shelf.get<Waiting[]>('outbox') ?? [];
    this.api.token = this.#shelf.get<string>('token') ?? '';
    try {
      this.#tabs = new BroadcastChannel(`recado:${site}`);
      this.#tabs.onmessage = (e: MessageEvent<ServerEvent>) => this.#apply(e.data);
    } catch {
      // Each tab by itself then.
    }
    addEventListener('online', () => this.#wake());
  }

  /** Whether a chat was begun in this browser. */
  get begun(): boolean {
    return this.api.token !== '';
  }

  /** Reads what visitors see of the site; undefined where there is none, or it cannot be reached. */
  async look(): Promise<void> {
    this.site = await this.api.siteNow();
    this.changed();
  }

  /** Goes on with a chat of this browser, and stays with it. */
  async enter(identity?: Identity): Promise<void> {
    this.#identity = identity;
    if (identity && this.#shelf.get<string>('signed') !== identity.email) this.api.token = '';
    if (!this.api.token) {
      if (!identity && this.site?.identity === 'required') return this.#refuse('identity-required');
      if (!identity && this.waiting.length === 0) return;
      await this.#begin();
    }
    await this.#read();
    void this.#lead();
    void this.send();
  }

  async #begin(): Promise<void> {
    this.me = await this.api.begin(this.#identity);
    this.#shelf.put('token', this.api.token);
    this.#shelf.put('signed', this.#identity?.email ?? '');
  }

  #refuse(code: string): void {
    this.refused = code;
    this.changed();
  }

  async #read(): Promise<void> {
    try {
      this.me = await this.api.me();
    } catch (e) {
      if (!(e instanceof Refusal) || e.status !== 401) throw e;
      this.api.token = '';
      await this.#begin(); // the session ended: another one, which sees nothing of the one before
    }
    const talk = await this.api.talk();
    this.next = talk.next;
    for (const p of talk.people) this.people.set(p.id, p);
    this.messages = [];
    for (const m of talk.items) this.#put(m);
    const newest = talk.items.at(-1);
    if (newest && this.me) this.#seen({ conversation: newest.conversation, person: this.me.id, upTo: talk.seenUpTo });
    this.changed();
  }

  async older(): Promise<void> {
    if (!this.next) return;
    const talk = await this.api.talk(this.next);
    this.next = talk.next;
    for (const p of talk.people) this.people.set(p.id, p);
    for (const m of talk.items) this.#put(m);
    this.changed();
  }

  /** Keeps a message in the outbox, and sends it when it can be. */
  async write(body: string, files: string[]): Promise<void> {
    this.waiting = [...this.waiting, { key: crypto.randomUUID(), body, files }];
    this.#keepOutbox();
    this.changed();
    if (this.begun) return this.send();
    await this.enter(this.#identity);
  }

  again(key: string): Promise<void> {
    this.waiting = this.waiting.map((w) => (w.key === key ? { ...w, failed: false } : w));
    return this.send();
  }

  #keepOutbox(): void {
    this.#shelf.put('outbox', this.waiting);
  }

  /** Sends what waits, in order, each under its key until it is answered. */
  async send(): Promise<void> {
    if (this.#sending || !this.begun) return;
    this.#sending = true;
    try {
      for (let next = this.#due(); next; next = this.#due()) await this.#sendOne(next);
    } catch {
      this.offline = true;
      setTimeout(() => void this.send(), 2000 + Math.random() * 8000); // or sooner, with the stream's return
    }
    this.#sending = false;
    this.changed();
  }

  #due(): Waiting | undefined {
    return this.waiting.find((w) => !w.failed);
  }

  async #sendOne(w: Waiting): Promise<void> {
    try {
      const sent = await this.api.post(w.key, w.body, w.files);
      this.waiting = this.waiting.filter((other) => other.key !== w.key);
      this.#put(sent);
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      if (e.status === 429) await pause(1000 * Math.max(1, e.retryAfter));
      else if (e.status >= 500 || e.status === 401) throw e;
      else this.waiting = this.waiting.map((other) => (other.key === w.key ? { ...other, failed: true } : other));
    }
    this.#keepOutbox();
    this.changed();
  }

  /** Says that the visitor is writing, at most every three seconds. */
  typed(): void {
    if (!this.begun || Date.now() - this.#typedAt < 3000) return;
    this.#typedAt = Date.now();
    this.api.typing().catch(() => {});
  }

  tellPage(page: Page): void {
    if (this.begun) this.api.page(page).catch(() => {});
  }

  async introduce(name: string, email: string): Promise<void> {
    this.me = await this.api.introduce({ ...(name && { name }), ...(email && { email }) });
    this.changed();
  }

  /** How many messages of the team were not yet in view. */
  get unseen(): number {
    return this.messages.filter((m) => m.author !== this.me?.id && m.number > (this.#mySeen.get(m.conversation) ?? 0))
      .length;
  }

  /** Everything shown now stood in view. */
  sawAll(): void {
    const newest = new Map<string, number>();
    for (const m of this.messages) newest.set(m.conversation, Math.max(newest.get(m.conversation) ?? 0, m.number));
    for (const [conversation, upTo] of newest) {
      if (upTo <= (this.#mySeen.get(conversation) ?? 0)) continue;
      this.#mySeen.set(conversation, upTo);
      this.api.seen(conversation, upTo).catch(() => this.#mySeen.delete(conversation));
    }
  }

  #put(m: Message): void {
    const held = this.messages.findIndex((other) => other.id === m.id);
    if (held >= 0) {
      if (m.version >= this.messages[held]!.version && !m.truncated) this.messages[held] = m;
    } else this.messages.push(m);
    this.messages.sort((a, b) => (a.id < b.id ? -1 : 1)); // ids sort by time
  }

  /** Waits until this tab is the one that holds the stream, then follows it for as long as the page lives. */
  async #lead(): Promise<void> {
    try {
      await navigator.locks.request(`recado:${this.api.site}`, () => this.#follow());
    } catch {
      await this.#follow(); // where a browser refuses storage to frames, each tab has its own stream
    }
  }

  async #follow(): Promise<never> {
    for (let failures = 0; ; failures++) {
      try {
        await this.#stream(() => (failures = 0));
      } catch (e) {
        if (e instanceof Refusal && e.status === 401) {
          this.api.token = '';
          await this.#begin().catch(() => {});
        }
      }
      this.offline = failures > 0;
      this.changed();
      // Full jitter, so that many visitors do not come back at once; a network that returns is tried at once.
      await Promise.race([
        pause(Math.random() * Math.min(MOST_PAUSE_MS, 500 * 2 ** Math.min(failures, 6))),
        new Promise<void>((resolve) => (this.#wake = resolve)),
      ]);
    }
  }

  async #stream(met: () => void): Promise<void> {
    const stop = new AbortController();
    let dog = setTimeout(() => stop.abort(), WATCHDOG_MS);
    const alive = () => {
      clearTimeout(dog);
      dog = setTimeout(() => stop.abort(), WATCHDOG_MS);
    };
    try {
      const response = await this.api.feed(this.#place, stop.signal);
      met();
      const reader = new EventReader();
      const decoder = new TextDecoder();
      const body = response.body!.getReader();
      for (;;) {
        const { done, value } = await body.read();
        if (done) return;
        alive();
        for (const event of reader.take(decoder.decode(value, { stream: true }))) {
          this.#tabs?.postMessage(event);
          this.#apply(event);
          if (event.name === 'reset') {
            this.#place = '';
            await this.#read();
            return;
          }
        }
      }
    } finally {
      clearTimeout(dog);
    }
  }

  #apply(e: ServerEvent): void {
    const data = JSON.parse(e.data) as {
      message?: Message;
      person?: Person | string;
      seen?: { conversation: string; person: string; upTo: number };
    };
    if (e.name === 'hello') {
      this.offline = false;
      void this.send();
    }
    if (data.message && e.name.startsWith('message.')) this.#came(data.message);
    if (e.name === 'seen.changed' && data.seen) this.#seen(data.seen);
    if (e.name === 'typing' && typeof data.person === 'string' && data.person !== this.me?.id) this.#types(data.person);
    if (e.id) this.#place = e.id;
    this.changed();
  }

  #came(m: Message): void {
    // What one has just sent comes with the answer, under its key; else it would stand there twice for a moment.
    const sending = this.#sending && this.#due()?.body === m.body;
    if (m.author === this.me?.id && sending && !this.messages.some((other) => other.id === m.id)) return;
    if (m.truncated || (m.author && !this.people.has(m.author))) void this.#read().catch(() => {});
    this.#put(m);
    if (m.author === this.#typist) this.#types('');
  }

  #seen(s: { conversation: string; person: string; upTo: number }): void {
    const at = s.person === this.me?.id ? this.#mySeen : this.seenByTeam;
    at.set(s.conversation, Math.max(at.get(s.conversation) ?? 0, s.upTo));
  }

  #typist = '';

  #types(person: string): void {
    clearTimeout(this.#typingTimer);
    this.#typist = person;
    this.typing = person && (this.people.get(person)?.name ?? this.site?.name ?? '');
    if (person) this.#typingTimer = setTimeout(() => (this.#types(''), this.changed()), TYPING_SHOWN_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
