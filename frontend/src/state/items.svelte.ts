import { callError } from '../bridge';
import type { Bridge, Conversation, Item, ItemFilter, ItemPatch } from '../bridge/port';
import { ANY } from '../model/items';
import { newKey } from '../model/keys';
import { Composing } from './composing.svelte';
import type { Desk } from './desk.svelte';
import { ItemForm } from './itemform.svelte';

const PAGE = 50;
const REFRESH_AFTER_MS = 60;

/** Who reads what is written about an item: the team alone, or its customers too. */
export type Side = Conversation['kind'];

/** Tickets and tasks: the list that is shown, the one that is open, and the one that is being written. */
export class Items {
  filter = $state.raw<ItemFilter>({ ...ANY, kind: 'ticket', state: 'active' });
  list = $state.raw<readonly Item[]>([]);
  loaded = $state(false);
  failed = $state(false);
  /** The one that is open. */
  item = $state.raw<Item | null>(null);
  side = $state<Side>('internal');
  rooms = $state.raw<readonly Conversation[]>([]);
  /** What is being written on a side where nobody wrote yet. */
  first = $state.raw<Composing | null>(null);
  form = $state.raw<ItemForm | null>(null);
  #next: string | undefined;
  #ticket = 0;
  #opening = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #desk: Desk;
  readonly #bridge: Bridge;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#bridge = desk.bridge;
  }

  /** Shows the list of one kind, with what it was last narrowed by. */
  async show(kind: Item['kind']): Promise<void> {
    if (kind !== this.filter.kind) {
      this.list = [];
      this.loaded = false;
    }
    await this.narrow({ kind });
  }

  /** Narrows the list, or widens it. */
  async narrow(change: Partial<ItemFilter>): Promise<void> {
    this.filter = { ...this.filter, ...change };
    await this.refresh();
  }

  /** Reads again as much as is shown. The answer to an older question is dropped. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ticket = ++this.#ticket;
    try {
      const page = await this.#bridge.items.List(this.filter, '', Math.min(200, Math.max(PAGE, this.list.length)));
      if (ticket !== this.#ticket) return;
      this.list = page.items;
      this.#next = page.next;
      this.failed = false;
    } catch {
      if (ticket === this.#ticket) this.failed = true;
    }
    this.loaded = true;
  }

  /** The next page, where there is one. */
  async more(): Promise<void> {
    if (!this.#next) return;
    const ticket = this.#ticket;
    const cursor = this.#next;
    this.#next = undefined;
    const page = await this.#bridge.items.List(this.filter, cursor, PAGE);
    if (ticket !== this.#ticket) return;
    const held = new Set(this.list.map((i) => i.id));
    this.list = [...this.list, ...page.items.filter((i) => !held.has(i.id))];
    this.#next = page.next;
  }

  /** An item came or changed: shown at once where it stands, and the list asked again what belongs to it. */
  apply(item: Item): void {
    this.list = this.list.map((i) => (i.id === item.id ? item : i));
    if (this.item?.id === item.id && item.version >= this.item.version) this.item = item;
    this.#timer ??= setTimeout(() => void this.refresh(), REFRESH_AFTER_MS);
  }

  /** Opens an item on the side where something is unseen; else where its customers read, if it has any. */
  async open(item: Item): Promise<void> {
    const opening = ++this.#opening;
    await this.#desk.leaveNew();
    const rooms = await this.#bridge.items.Conversations(item.id).catch(() => []);
    if (opening !== this.#opening) return;
    this.item = item;
    this.rooms = rooms;
    const customers = item.followers.some((id) => this.#desk.people.get(id)?.kind === 'customer');
    const usual = rooms.some((r) => r.kind === 'customer') || customers ? 'customer' : 'internal';
    await this.turn(rooms.find((r) => r.unseen > 0)?.kind ?? usual);
  }

  /** Shows one side of the open item. What was typed on the other stays there. */
  async turn(side: Side): Promise<void> {
    const item = this.item;
    if (!item) return;
    this.side = side;
    const room = this.rooms.find((r) => r.kind === side);
    if (room) return this.#desk.open(room);
    this.#leaveFirst();
    this.#desk.setAside();
    const first = new Composing(this.#bridge, `new:item:${item.id}:${side}`, (id) => this.#desk.people.get(id)?.name);
    this.first = first;
    await first.load().catch(() => {});
  }

  /** A conversation of an item was opened, from wherever: the item stands around it. */
  async around(conversation: Conversation): Promise<void> {
    const id = conversation.item!;
    this.side = conversation.kind;
    this.#leaveFirst();
    if (this.item?.id !== id) this.item = await this.#bridge.items.Get(id).catch(() => null);
    await this.#readRooms(id);
  }

  async #readRooms(id: string): Promise<void> {
    const rooms = await this.#bridge.items.Conversations(id).catch(() => this.rooms);
    if (this.item?.id === id) this.rooms = rooms;
  }

  /** A conversation changed, which may be new, or have gone from the item. */
  touched(conversation: Conversation): void {
    const { item } = this;
    if (!item || (conversation.item !== item.id && !this.rooms.some((r) => r.id === conversation.id))) return;
    void this.#readRooms(item.id).then(() => {
      const came = this.rooms.find((r) => r.kind === this.side);
      // Somebody else wrote the first words here: they are shown, and what stands in the composer with them.
      if (came && this.first?.isEmpty && this.item === item) void this.turn(this.side);
    });
  }

  /** Writes the first words on this side, through the outbox; they make the conversation. */
  async sendFirst(): Promise<void> {
    const { item, first, side } = this;
    if (!item || !first || first.files.busy || first.tooLong) return;
    const { body, mentions } = first.encoded();
    const files = first.files.refs.map((f) => f.id);
    if (!body.trim() && files.length === 0) return;
    await this.#bridge.items.Send(newKey(), item.id, side, body, files, mentions);
    await first.clear();
    // Its id may be the server's by now.
    await this.#readRooms(item.id);
    if (this.item?.id === item.id && this.side === side) await this.turn(side);
  }

  /**
   * Changes the open item as it was shown at a version. Where somebody else changed the same since, it is shown as it is
   * now, and nothing is overwritten.
   */
  async change(patch: ItemPatch, version = this.item?.version): Promise<boolean> {
    const { item } = this;
    if (!item) return false;
    try {
      this.apply(await this.#bridge.items.Change(item.id, { ...patch, version }));
      return true;
    } catch (e) {
      this.#desk.tell(e);
      if (callError(e).code === 'changed-meanwhile') await this.reread(item.id);
      return false;
    }
  }

  /** Asks the server for an item: changing nothing gives it as it is. */
  async reread(id: string): Promise<void> {
    const now = await this.#bridge.items.Change(id, {}).catch(() => this.#bridge.items.Get(id));
    this.apply(now);
  }

  /** Runs what changes the open item. */
  async act(work: () => Promise<Item>): Promise<boolean> {
    return this.#desk.attempt(async () => {
      const item = await work();
      this.apply(item);
      await this.#readRooms(item.id);
    });
  }

  /** A new item is being written; from a conversation with its title. */
  async write(kind: Item['kind'], from?: Conversation, title = ''): Promise<void> {
    this.#desk.overlay = null;
    if (this.form?.kind === kind && !from) return;
    await this.#desk.leaveNew();
    const form = new ItemForm(this.#bridge, kind, from?.id);
    form.title = title;
    if (!from) this.#desk.closeThread();
    await form.load().catch(() => {});
    this.form = form;
  }

  /** Makes the item that is being written, and opens it. */
  async create(): Promise<boolean> {
    const { form } = this;
    if (!form) return false;
    return this.#desk.attempt(async () => {
      const item = await this.#bridge.items.Create(form.asked());
      await form.clear().catch(() => {});
      this.form = null;
      await this.#desk.go(item.kind === 'ticket' ? 'tickets' : 'tasks');
      await this.open(item);
    });
  }

  /** Leaves the page of a new item; what was typed stays a draft. */
  async leaveForm(): Promise<void> {
    await this.form?.flush().catch(() => {});
    this.form = null;
  }

  async discardForm(): Promise<void> {
    await this.#desk.attempt(async () => this.form?.clear());
    this.form = null;
  }

  /** Writes down what is being typed. */
  async flush(): Promise<void> {
    await Promise.all([this.form?.flush(), this.first?.flush()]).catch(() => {});
  }

  /** The open item is left. */
  leave(): void {
    this.#opening++;
    this.#leaveFirst();
    this.item = null;
    this.rooms = [];
  }

  #leaveFirst(): void {
    this.first?.flush().catch(() => {});
    this.first = null;
  }
}
