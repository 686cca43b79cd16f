import { Api, Refusal, type Message, type Person, type Site } from './api';
import { follow, type ServerEvent } from './events';
import { Outbox } from './outbox';
import type { Identity, Page } from './protocol';
import { alone, Shelf } from './shelf';

const MOST_PAUSE_MS = 30_000;
const TYPING_SHOWN_MS = 6_000;

/** What tabs tell each other: what the stream that one of them holds has brought, or that a chat was begun. */
type Told = { who: string; event: ServerEvent } | 'begun';

/** One visitor's chat. Tabs of the same browser share a stream: one of them holds it, and tells the others. */
export class Chat {
  site: Site | undefined;
  me: Person | undefined;
  messages: Message[] = [];
  people = new Map<string, Person>();
  /** By conversation, how far somebody of the team has seen. */
  seenByTeam = new Map<string, number>();
  typing = '';
  offline = false;
  next: string | undefined;
  /** Why nothing can be written here: the server's code. */
  refused = '';
  readonly api: Api;
  readonly outbox: Outbox;
  readonly #shelf: Shelf;
  readonly #tabs: BroadcastChannel | undefined;
  #mySeen = new Map<string, number>();
  #place = '';
  #sending = false;
  #identity: Identity | undefined;
  #page: Page | undefined;
  #typist = '';
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #typedAt = 0;
  #stop = new AbortController();
  #wake: () => void = () => {};
  readonly #askedFor = new Set<string>();

  constructor(
    site: string,
    private readonly changed: () => void,
  ) {
    this.api = new Api(site);
    this.#shelf = new Shelf(site);
    this.outbox = new Outbox(this.#shelf);
    try {
      this.#tabs = new BroadcastChannel(`recado:${site}`);
      this.#tabs.onmessage = (e: MessageEvent<Told>) => {
        if (e.data === 'begun') this.#adopt();
        else if (e.data.who === this.me?.id) this.#apply(e.data.event);
      };
    } catch {
      // Each tab by itself then.
    }
    // What another tab has kept may come after what it told.
    addEventListener('storage', () => (this.#adopt(), this.changed()));
    // What was open before does not live on, whatever it looks like.
    for (const name of ['online', 'offline']) addEventListener(name, () => this.#again());
  }

  /** Whether a chat was begun in this browser. */
  get begun(): boolean {
    return this.api.token !== '';
  }

  /** Goes on with the chat of this browser, and stays with it for as long as the page lives. */
  async live(identity: Identity | undefined): Promise<never> {
    this.#identity = identity;
    this.#adopt();
    for (let failures = 0; ;) {
      const { signal } = this.#stop;
      try {
        this.site ??= await this.api.siteNow();
        await this.#enter();
        this.changed();
        if (!this.begun) await this.#called(signal);
        else {
          void this.send();
          await alone(`${this.api.site}:${this.me!.id}`, () => this.#stream(signal, () => (failures = 0)), signal);
        }
      } catch (e) {
        if (!signal.aborted) failures++;
        if (e instanceof Refusal) this.#refusedBy(e);
      }
      this.offline = failures > 0 || !navigator.onLine;
      this.changed();
      if (signal.aborted && navigator.onLine) continue;
      if (this.refused) {
        await this.#called(this.#stop.signal);
        continue;
      }
      // Full jitter, so that many visitors do not come back at once; a network that returns is tried at once.
      const pause = Math.random() * Math.min(MOST_PAUSE_MS, 500 * 2 ** Math.min(failures, 6));
      await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), this.#called(this.#stop.signal)]);
    }
  }

  /** Another person, or the same, as the web site says. */
  identify(identity: Identity): void {
    this.#identity = identity;
    this.#adopt();
    this.#again();
  }

  /** Waits until there is something to do. */
  #called(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Gives up what is under way and looks anew. */
  #again(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  #refusedBy(e: Refusal): void {
    if (e.status === 401 && this.begun) {
      // The session ended: another one sees nothing of the one before.
      this.#shelf.drop(this.#name);
      this.#adopt();
    } else if (e.status < 500 && e.status !== 429) {
      this.refused = e.code;
      this.changed();
    }
  }

  /** Where the token of who is here now is kept: of somebody signed for apart from that of nobody in particular. */
  get #name(): string {
    return this.#identity ? `token ${this.#identity.email}` : 'token';
  }

  /** Takes the token that this browser keeps for who is here now; what was shown to another is gone from view. */
  #adopt(): void {
    this.refused = '';
    const token = this.#shelf.get<string>(this.#name) ?? '';
    const other = this.api.token !== token;
    this.outbox.open(this.#identity?.email ?? '');
    if (!other) return;
    this.api.token = token;
    this.me = undefined;
    this.messages = [];
    this.#place = '';
    this.#mySeen.clear();
    this.seenByTeam.clear();
    this.#again();
    this.changed();
  }

  async #enter(): Promise<void> {
    if (!this.begun) {
      if (!this.#identity && this.site!.identity === 'required') this.refused = 'identity-required';
      else if (this.#identity || this.outbox.due) await this.#begin();
    }
    if (this.begun && !this.me) await this.#read();
  }

  /** Begins a chat, unless another tab has done so meanwhile. */
  #begin(): Promise<void> {
    return alone(`${this.api.site}:begin`, async () => {
      this.#adopt();
      if (this.begun) return;
      await this.api.begin(this.#identity);
      this.#shelf.put(this.#name, this.api.token);
      this.#tabs?.postMessage('begun' satisfies Told);
    });
  }

  async #read(): Promise<void> {
    const me = await this.api.me();
    const talk = await this.api.talk();
    this.me = me;
    this.next = talk.next;
    for (const p of talk.people) this.people.set(p.id, p);
    this.messages = [];
    for (const m of talk.items) this.#put(m);
    const newest = talk.items.at(-1);
    if (newest) this.#seen({ conversation: newest.conversation, person: me.id, upTo: talk.seenUpTo });
    this.changed();
  }

  async older(): Promise<void> {
    const { next } = this;
    if (!next) return;
    this.next = undefined;
    try {
      const talk = await this.api.talk(next);
      this.next = talk.next;
      for (const p of talk.people) this.people.set(p.id, p);
      for (const m of talk.items) this.#put(m);
      this.changed();
    } catch {
      this.next = next;
    }
  }

  /** Keeps a message in the outbox, and sends it when it can be. */
  write(body: string, files: File[]): void {
    this.outbox.add(body, files, this.#identity?.email ?? '');
    this.changed();
    if (this.me) void this.send();
    else this.#wake();
  }

  again(key: string): void {
    this.outbox.again(key);
    this.changed();
    void this.send();
  }

  /** Sends what waits, in order, each under its key until it is answered. */
  async send(): Promise<void> {
    if (this.#sending || !this.me) return;
    this.#sending = true;
    try {
      for (let next = this.outbox.due; next; next = this.outbox.due) {
        const sent = await this.outbox.send(next, this.api);
        if (sent) this.#put(sent);
        this.changed();
      }
    } catch (e) {
      const after = e instanceof Refusal ? e.retryAfter * 1000 : 0;
      this.offline = !(e instanceof Refusal);
      setTimeout(() => void this.send(), after + 2000 + Math.random() * 8000); // or sooner, with the stream's return
    }
    this.#sending = false;
    this.changed();
  }

  /** Says that the visitor is writing, at most every three seconds. */
  typed(): void {
    if (!this.begun || Date.now() - this.#typedAt < 3000) return;
    this.#typedAt = Date.now();
    this.api.typing().catch(() => {});
  }

  /** On which page the visitor is. Told again with each stream: before one is open nobody is anywhere. */
  tellPage(page: Page | undefined = this.#page): void {
    this.#page = page;
    if (this.me && page) this.api.page(page).catch(() => {});
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
      const before = this.#mySeen.get(conversation) ?? 0;
      if (upTo <= before) continue;
      this.#mySeen.set(conversation, upTo);
      this.api.seen(conversation, upTo).catch(() => this.#mySeen.set(conversation, before));
    }
  }

  #put(m: Message): void {
    const held = this.messages.findIndex((other) => other.id === m.id);
    if (held >= 0) {
      if (m.version >= this.messages[held]!.version && !m.truncated) this.messages[held] = m;
    } else this.messages.push(m);
    this.messages.sort((a, b) => (a.id < b.id ? -1 : 1)); // ids sort by time
  }

  /** Follows the feed until it ends, or `called` does. */
  async #stream(called: AbortSignal, met: () => void): Promise<void> {
    if (called.aborted) return;
    for await (const event of follow(this.api, this.#place, called, met)) {
      this.#tabs?.postMessage({ who: this.me!.id, event } satisfies Told);
      this.#apply(event);
      if (event.name === 'hello') this.tellPage();
      if (event.name === 'reset') {
        this.#place = '';
        this.me = undefined;
        return;
      }
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
    this.outbox.settle(m.key); // sent by another tab, or the answer was lost
    const unknown = m.truncated ? m.id + m.version : this.people.has(m.author) ? '' : m.author;
    if (unknown && !this.#askedFor.has(unknown)) {
      this.#askedFor.add(unknown);
      this.#read().catch(() => this.#askedFor.delete(unknown));
    }
    this.#put(m);
    if (m.author === this.#typist) this.#types('');
  }

  #seen(s: { conversation: string; person: string; upTo: number }): void {
    const at = s.person === this.me?.id ? this.#mySeen : this.seenByTeam;
    at.set(s.conversation, Math.max(at.get(s.conversation) ?? 0, s.upTo));
  }

  #types(person: string): void {
    clearTimeout(this.#typingTimer);
    this.#typist = person;
    this.typing = person && (this.people.get(person)?.name ?? this.site?.name ?? '');
    if (person) this.#typingTimer = setTimeout(() => (this.#types(''), this.changed()), TYPING_SHOWN_MS);
  }
}
