import type { Bridge, Conversation, Delivery, Message, MessagePage } from '../bridge/port';
import { newKey } from '../model/keys';
import { mergeMessages } from '../model/rows';
import { Composing } from './composing.svelte';
import { Ledger } from './ledger.svelte';
import { Lookers } from './lookers.svelte';

const PAGE = 100;
/** More than this is not held: what is far from the place being read is let go. */
const HELD = 1000;
const SEEN_AFTER_MS = 150;
const TYPING_SHOWN_MS = 6000;

/** One conversation as it is being read and written. */
export class Thread {
  conversation = $state.raw<Conversation>()!;
  messages = $state.raw<readonly Message[]>([]);
  hasOlder = $state(false);
  hasNewer = $state(false);
  loaded = $state(false);
  failed = $state(false);
  /** The New line stands after this number; negative: none. */
  newAfter = $state(-1);
  typing = $state.raw<readonly string[]>([]);
  readonly composing: Composing;
  readonly ledger: Ledger;
  readonly lookers: Lookers;
  /** The message of one's own that the side column tells of. */
  #followed = $state('');
  #work: Promise<void> | null = null;
  /** What was told while a question is under way, in order: the answer may have been read before it happened. */
  #meanwhile: (() => void)[] | null = null;
  #seen = 0;
  #seenTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #me: string;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge, conversation: Conversation, me: string, nameOf: (id: string) => string | undefined) {
    this.#bridge = bridge;
    this.#me = me;
    this.conversation = conversation;
    this.ledger = new Ledger(bridge);
    this.lookers = new Lookers(bridge, () => this.id);
    this.#seen = conversation.seenUpTo;
    this.composing = new Composing(bridge, conversation.id, nameOf);
    this.composing.newest = () =>
      Math.max(this.conversation.lastNumber, this.messages.findLast((m) => m.number > 0)?.number ?? 0);
  }

  get id(): string {
    return this.conversation.id;
  }

  /** Opens at the first unseen message, or at the end where all is seen. `around` opens at that number instead. */
  async open(around = 0): Promise<void> {
    this.composing.load().catch(() => {});
    this.newAfter = this.conversation.unseen > 0 ? this.conversation.seenUpTo : -1;
    await this.#guard(async () => {
      const place = around || (this.conversation.unseen > PAGE / 2 ? this.conversation.seenUpTo + 1 : 0);
      if (place === 0) return this.#replace(await this.#page(0, 0));
      // What stands around the place: half before, half after.
      const page = await this.#page(place + PAGE / 2, 0);
      this.#replace(page);
      if (page.hasNewer) this.hasNewer = true;
    });
    this.loaded = true;
  }

  older(): Promise<void> {
    const first = this.messages.find((m) => m.number > 0);
    if (!this.hasOlder || !first) return Promise.resolve();
    return this.#guard(async () => {
      const page = await this.#page(first.number, 0);
      const merged = mergeMessages(this.messages, page.items);
      this.hasOlder = page.hasOlder;
      if (merged.length > HELD) this.hasNewer = true;
      this.messages = merged.slice(0, HELD);
    });
  }

  newer(): Promise<void> {
    const last = this.messages.findLast((m) => m.number > 0);
    if (!this.hasNewer || !last) return Promise.resolve();
    return this.#guard(async () => {
      const page = await this.#page(0, last.number);
      const merged = mergeMessages(this.messages, page.items);
      this.hasNewer = page.hasNewer;
      if (merged.length > HELD) this.hasOlder = true;
      this.messages = merged.slice(-HELD);
    });
  }

  /** The newest messages, wherever the reader is. */
  async latest(): Promise<void> {
    // A page that is just coming is not what was asked for.
    while (this.#work) await this.#work;
    await this.#guard(async () => this.#replace(await this.#page(0, 0)));
  }

  /** Reads again what is shown, after the cache was filled anew. */
  async reload(): Promise<void> {
    // What was asked before may hold what is no longer so: it is waited for, then asked again.
    while (this.#work) await this.#work;
    await this.#guard(async () => {
      this.conversation = await this.#bridge.conversations.Get(this.id);
      if (!this.hasNewer) this.#replace(await this.#page(0, 0));
    });
  }

  /** Writes a message into the outbox. Where that fails, what was written stands in the composer again. */
  async send(): Promise<void> {
    const files = this.composing.files.refs;
    const { body, mentions } = this.composing.encoded();
    if ((!body.trim() && files.length === 0) || this.composing.tooLong || this.composing.files.busy) return;
    if (this.hasNewer) await this.latest();
    const waiting = this.#optimistic(newKey(), body, files, mentions);
    this.messages = mergeMessages(this.messages, [waiting]);
    this.newAfter = -1;
    const cleared = this.composing.clear();
    try {
      const fileIds = files.map((f) => f.id);
      const kept = await this.#bridge.conversations.Send(waiting.rowKey, this.id, body, fileIds, mentions);
      // The acknowledgement may have overtaken the answer.
      const now = this.messages.find((m) => m.rowKey === waiting.rowKey);
      if (!now || now.number === 0) this.messages = mergeMessages(this.messages, [kept]);
      await cleared;
    } catch (e) {
      this.gone(waiting.rowKey);
      this.composing.restore({ body, mentions, files, participants: [], subject: '' });
      throw e;
    }
  }

  /** What others wrote since this message was begun; the writer may not know of it. */
  get crossed(): readonly Message[] {
    const { begunAfter } = this.composing;
    return begunAfter < 0 ? [] : this.messages.filter((m) => m.number > begunAfter && m.author !== this.#me);
  }

  /** The writer knows of all that was written. */
  looked(): void {
    this.composing.begunAfter = this.composing.newest();
  }

  /** Asks what became of the newest message of one's own, where it is not known. Offline nothing is told. */
  async follow(again = false): Promise<void> {
    const last = this.messages.findLast((m) => m.author === this.#me && m.number > 0 && !m.deletedAt)?.id ?? '';
    if (last === this.#followed && !again) return;
    this.#followed = last;
    if (last) await this.ledger.ask(last);
  }

  /** What became of the newest message of one's own, for each recipient and channel, as the server last told. */
  get deliveries(): readonly Delivery[] {
    return this.ledger.of(this.#followed);
  }

  applyDelivery(delivery: Delivery): void {
    this.ledger.apply(delivery);
  }

  /** What is known of all that is held, from this computer. Only with customers it is shown. */
  async #readLedger(): Promise<void> {
    const numbers = this.messages.map((m) => m.number).filter((n) => n > 0);
    if (this.conversation.kind !== 'customer' || numbers.length === 0) return;
    await this.ledger.read(this.id, numbers[0]!, numbers.at(-1)!);
  }

  async sendNow(delivery: Delivery): Promise<void> {
    this.applyDelivery(await this.#bridge.conversations.SendNow(delivery.message, delivery.person));
  }

  async stopDelivery(delivery: Delivery): Promise<void> {
    this.applyDelivery(await this.#bridge.conversations.CancelDelivery(delivery.message, delivery.person));
  }

  #optimistic(rowKey: string, body: string, files: Message['files'], mentions: string[]): Message {
    const createdAt = new Date().toISOString();
    const place = { rowKey, id: '', conversation: this.id, number: 0, author: this.#me };
    return { ...place, body, files, mentions, createdAt, state: 'waiting' };
  }

  retry(rowKey: string): Promise<void> {
    return this.#bridge.conversations.Retry(rowKey);
  }

  async edit(message: Message, body: string): Promise<void> {
    this.apply(await this.#bridge.conversations.Edit(message.id, body));
  }

  delete(message: Message): Promise<void> {
    return this.#bridge.conversations.Delete(message.id);
  }

  /** A message came or changed. Tells whether it is new at the end of what is shown. */
  apply(message: Message): boolean {
    this.#meanwhile?.push(() => this.apply(message));
    const known = this.messages.some((m) => m.rowKey === message.rowKey || (message.id && m.id === message.id));
    this.#typingEnds(message.author);
    if (!known && message.number > 0) {
      const last = this.messages.findLast((m) => m.number > 0)?.number ?? 0;
      const first = this.messages.find((m) => m.number > 0)?.number ?? 0;
      // Beside what is held lies what was not fetched: it comes with its page.
      if ((this.hasNewer && message.number > last) || (this.hasOlder && message.number < first)) return false;
    }
    this.messages = mergeMessages(this.messages, [message]);
    return !known && message.number > 0;
  }

  gone(rowKey: string): void {
    this.#meanwhile?.push(() => this.gone(rowKey));
    this.messages = this.messages.filter((m) => m.rowKey !== rowKey);
  }

  applyConversation(conversation: Conversation): void {
    this.#meanwhile?.push(() => this.applyConversation(conversation));
    this.conversation = conversation;
    this.#seen = Math.max(this.#seen, conversation.seenUpTo);
  }

  moved(to: string): void {
    this.conversation = { ...this.conversation, id: to };
    this.composing.target = to;
    void this.reload();
  }

  /** Somebody saw up to a number; it only moves forward. */
  applySeen(person: string, upTo: number, at: string): void {
    this.#meanwhile?.push(() => this.applySeen(person, upTo, at));
    const participants = this.conversation.participants.map((p) =>
      p.person === person && upTo > p.seenUpTo ? { ...p, seenUpTo: upTo, seenAt: at } : p,
    );
    this.conversation = { ...this.conversation, participants };
    if (person !== this.#me) this.ledger.seenBy(person);
  }

  /** A message up to this number stood in view of a focused window. */
  viewed(number: number): void {
    if (number <= this.#seen) return;
    this.#seen = number;
    if (this.#seenTimer !== undefined) return;
    this.#seenTimer = setTimeout(() => {
      this.#seenTimer = undefined;
      this.#bridge.conversations.Seen(this.id, this.#seen).catch(() => {});
    }, SEEN_AFTER_MS);
  }

  showTyping(person: string): void {
    if (person === this.#me) return;
    clearTimeout(this.#typingTimers.get(person));
    this.#typingTimers.set(
      person,
      setTimeout(() => this.#typingEnds(person), TYPING_SHOWN_MS),
    );
    if (!this.typing.includes(person)) this.typing = [...this.typing, person];
  }

  #typingEnds(person: string): void {
    clearTimeout(this.#typingTimers.get(person));
    this.#typingTimers.delete(person);
    if (this.typing.includes(person)) this.typing = this.typing.filter((p) => p !== person);
  }

  /** To be called when another conversation is opened: the draft is kept. */
  leave(): void {
    for (const timer of this.#typingTimers.values()) clearTimeout(timer);
    this.lookers.leave();
    this.composing.flush().catch(() => {});
  }

  #page(before: number, after: number): Promise<MessagePage> {
    return this.#bridge.conversations.Messages(this.id, before, after, PAGE);
  }

  #replace(page: MessagePage): void {
    this.messages = mergeMessages([], page.items ?? []);
    this.hasOlder = page.hasOlder;
    this.hasNewer = page.hasNewer;
  }

  /** One question at a time; a failure is shown and can be asked again. */
  async #guard(work: () => Promise<void>): Promise<void> {
    if (this.#work) return;
    const told: (() => void)[] = (this.#meanwhile = []);
    this.#work = work().then(
      () => void (this.failed = false),
      () => void (this.failed = true),
    );
    await this.#work;
    this.#work = this.#meanwhile = null;
    for (const again of told) again();
    await this.#readLedger();
  }
}
