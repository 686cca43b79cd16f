import type { AppEvent, AppSettings, Bridge, Conversation, Message } from '../bridge';
import type { Connection, NotificationSettings, Person, SessionState } from '../bridge';
import { conversationOf, type ConversationEvent } from '../model/events';
import { Announcer } from './announcer.svelte';
import { Answers } from './answers.svelte';
import { showAsked } from './asked';
import { Chats } from './chats.svelte';
import { Composing, type Kind } from './composing.svelte';
import { HeldMails } from './held.svelte';
import type { Items } from './items.svelte';
import { ConversationList } from './list.svelte';
import { People } from './people.svelte';
import { placeOf, type Overlay, type Place } from './place';
import { Preferences } from './preferences.svelte';
import { Thread } from './thread.svelte';
import { Speech } from './words.svelte';

export { placeOf, type Overlay, type Place } from './place';
/** The whole window: who is signed in, what is shown, and what the Go side tells. */
export class Desk {
  session = $state.raw<SessionState | null>(null);
  place = $state<Place>('internal-inbox');
  overlay = $state<Overlay>(null);
  thread = $state.raw<Thread | null>(null);
  composing = $state.raw<Composing | null>(null);
  /** Tickets and tasks, once they were asked for. */
  items = $state.raw<Items | null>(null);
  /** The person whose page is open among the contacts. */
  contact = $state('');
  /** A number to scroll to in the thread just opened, 0 for none. */
  target = $state(0);
  /** Something the person should know, in a sentence. */
  notice = $state('');
  readonly speech: Speech;
  readonly people: People;
  readonly list: ConversationList;
  readonly chats: Chats;
  readonly held: HeldMails;
  readonly answers: Answers;
  readonly bridge: Bridge;
  #attention = $state.raw({ focused: false, locked: false });
  /** As last told by an event: an answer that was on its way meanwhile is older. */
  #connection: Connection | undefined;
  /** The conversation being opened; another that is opened meanwhile takes its place. */
  #opening: { id: string; changed: boolean } | null = null;
  /** Conversations written here, and the place they got at the server. */
  readonly #moved = new Map<string, string>();
  readonly #announcer: Announcer;
  readonly #preferences: Preferences;
  #loadedFor = '';

  constructor(bridge: Bridge, speech = new Speech()) {
    this.bridge = bridge;
    this.speech = speech;
    this.people = new People(bridge);
    this.#announcer = new Announcer(speech, this.people);
    this.#preferences = new Preferences(bridge, speech);
    this.list = new ConversationList(bridge);
    this.chats = new Chats(bridge);
    this.held = new HeldMails(bridge);
    this.answers = new Answers(bridge);
  }

  get settings(): AppSettings {
    return this.#preferences.app;
  }

  get notifications(): NotificationSettings {
    return this.#preferences.notifications;
  }

  get me(): Person | undefined {
    return this.session?.me;
  }

  get announcement(): string {
    return this.#announcer.text;
  }

  get myId(): string {
    return this.session?.me?.id ?? '';
  }

  /** Begins to listen, and reads the present state. Returns the function that ends it. */
  start(): () => void {
    const stop = this.bridge.onEvent((e) => void this.#on(e));
    this.bridge.session
      .State()
      .then((s) => this.enter(s))
      .catch((e: unknown) => this.tell(e));
    return stop;
  }

  /** Takes over a session as told; on a new sign-in reads everything. */
  async enter(session: SessionState): Promise<void> {
    this.session = { ...session, connection: this.#connection ?? session.connection };
    await this.#preferences.read();
    if (session.stage !== 'signed-in') {
      this.#forget();
      return;
    }
    if (this.#loadedFor === session.me?.id) return;
    this.#loadedFor = session.me?.id ?? '';
    void this.chats.read();
    void this.held.read();
    void this.answers.read();
    await Promise.all([this.people.load(), this.list.refresh()]).catch((e: unknown) => this.tell(e));
    await showAsked(this);
  }

  #forget(): void {
    this.#loadedFor = '';
    this.thread = this.composing = null;
    this.overlay = null;
    this.place = 'internal-inbox';
    this.list.items = [];
    this.items = null;
    this.held.clear();
  }

  async saveSettings(change: Partial<AppSettings>): Promise<void> {
    await this.attempt(() => this.#preferences.save(change));
  }

  async saveNotifications(change: Partial<NotificationSettings>): Promise<void> {
    await this.attempt(() => this.#preferences.saveNotifications(change));
  }

  /** Shows a view or the contacts. */
  async go(place: Place): Promise<void> {
    this.place = place;
    this.contact = '';
    if (place === 'tickets' || place === 'tasks')
      await (await this.work()).show(place === 'tickets' ? 'ticket' : 'task');
    else if (place === 'held') await this.held.read();
    else if (place !== 'contacts') await this.list.show(place);
  }

  /** Opens a person's page among the contacts. */
  async show(person: Person): Promise<void> {
    await this.leaveNew();
    this.closeThread();
    if (this.place !== 'contacts') await this.go('contacts');
    this.contact = person.id;
  }

  async open(conversation: Conversation, around = 0): Promise<void> {
    const opening = (this.#opening = { id: conversation.id, changed: false });
    await this.leaveNew();
    const fresh = await this.#fresh(conversation, opening);
    if (this.#opening !== opening) return;
    if (fresh.item) await (await this.work()).around(fresh);
    else this.items?.leave();
    if (this.#opening !== opening) return;
    this.#opening = null;
    this.thread?.leave();
    const thread = new Thread(this.bridge, fresh, this.myId, (id) => this.people.get(id)?.name);
    this.target = around;
    this.thread = thread;
    this.#look();
    await thread.open(around);
  }

  /** The conversation as it is now; it may change or get its place at the server while we ask. */
  async #fresh(conversation: Conversation, opening: { id: string; changed: boolean }): Promise<Conversation> {
    for (;;) {
      const id = this.#moved.get(conversation.id) ?? conversation.id;
      Object.assign(opening, { id, changed: false });
      const found = await this.bridge.conversations.Get(id).catch(() => ({ ...conversation, id }));
      if (!opening.changed) return found;
    }
  }

  closeThread(): void {
    this.items?.leave();
    this.setAside();
  }

  /** No conversation is shown any more; the item it was about may be. */
  setAside(): void {
    this.#opening = null;
    this.thread?.leave();
    this.thread = null;
    this.#look();
  }

  /** Tickets and tasks: most windows open without. */
  async work(): Promise<Items> {
    const { Items } = await import('./items.svelte');
    return (this.items ??= new Items(this));
  }

  /** A new conversation is being written, in the view it will stand in. Until it is sent nothing exists at the server. */
  async write(people: readonly string[] = [], kind: Kind = 'internal'): Promise<void> {
    this.overlay = null;
    this.closeThread();
    if (this.composing?.kind !== kind) {
      await this.leaveNew();
      const composing = new Composing(this.bridge, `new:${kind}`, (id) => this.people.get(id)?.name);
      await composing.load().catch(() => {});
      this.composing = composing;
    }
    for (const id of people) this.composing.addPerson(id);
    await this.go(placeOf(kind));
  }

  /** Leaves the page of a new conversation; what was typed stays a draft. */
  async leaveNew(): Promise<void> {
    await Promise.all([this.composing?.flush().catch(() => {}), this.items?.leaveForm()]);
    this.composing = null;
  }

  /** Closes the conversation with customers that is open, or opens it again. */
  async toggleClosed(): Promise<void> {
    const { thread } = this;
    if (!thread) return;
    const state = thread.conversation.state === 'closed' ? 'open' : 'closed';
    await this.attempt(() => this.bridge.conversations.SetState(thread.id, state));
  }

  /** Whether the window has the focus with somebody before it, and whether the screen is locked. */
  attend(change: { focused?: boolean; locked?: boolean }): void {
    this.#attention = { ...this.#attention, ...change };
    this.#look();
  }

  get focused(): boolean {
    return this.#attention.focused && !this.#attention.locked;
  }

  #look(): void {
    this.bridge.session.Looking(this.thread?.id ?? '', this.focused).catch(() => {});
  }

  /** Runs something the person asked for; what goes wrong is told in a sentence. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (e) {
      this.tell(e);
      return false;
    }
  }

  tell(e: unknown): void {
    this.notice = this.speech.problem(e);
  }

  async #on(e: AppEvent): Promise<void> {
    switch (e.type) {
      case 'session':
        this.#connection = e.session.connection;
        return this.enter(e.session);
      case 'connection':
        this.held.connected(e.connection.state === 'connected');
        this.#connection = e.connection;
        if (this.session) this.session = { ...this.session, connection: e.connection };
        return;
      case 'people':
        return this.#onPeople(e.people);
      case 'item':
        this.items?.apply(e.item);
        return this.list.soon();
      case 'canned':
        return this.answers.read();
      case 'settings':
        return this.#preferences.read();
      case 'locked':
        return this.attend({ locked: e.locked });
      case 'chat':
        return this.chats.apply(e.chat);
      case 'chats':
        return this.chats.read();
      case 'held':
        return this.held.read();
      case 'asked':
        return showAsked(this);
      case 'refilled':
        return this.#onRefilled();
      default:
        return this.#onConversation(e);
    }
  }

  #onPeople(people: readonly Person[]): void {
    this.people.apply(people);
    const me = people.find((p) => p.id === this.myId);
    if (me && this.session) this.session = { ...this.session, me };
  }

  async #onRefilled(): Promise<void> {
    this.#connection = undefined;
    const session = await this.bridge.session.State().catch(() => null);
    if (session) await this.enter(session);
    if (this.session?.stage !== 'signed-in') return;
    void this.chats.read();
    void this.answers.read();
    await this.attempt(() => Promise.all([this.people.load(), this.list.refresh(), this.thread?.reload()]));
  }

  #onConversation(e: ConversationEvent): void {
    const id = conversationOf(e);
    const open = this.thread?.id === id ? this.thread : null;
    if (this.#opening?.id === id) this.#opening.changed = true;
    switch (e.type) {
      case 'conversation':
        open?.applyConversation(e.conversation);
        this.items?.touched(e.conversation);
        return this.list.apply(e.conversation);
      case 'moved':
        this.#moved.set(e.from, e.to);
        open?.moved(e.to);
        if (open) this.#look();
        return this.list.soon();
      case 'message':
        open?.apply(e.message);
        this.#announce(e.message);
        return this.list.soon();
      case 'message-gone':
        open?.gone(e.rowKey);
        return this.list.soon();
      case 'access-lost':
        if (open) this.#lost();
        return this.list.remove(e.conversation);
      case 'seen':
        open?.applySeen(e.person, e.upTo, e.at);
        return this.list.soon();
      case 'delivery':
        if (this.place === 'contacts') void this.people.readFailing();
        return open?.applyDelivery(e.delivery);
      case 'typing':
        return open?.showTyping(e.person);
      case 'looking':
        open?.lookers.heard(e.person, e.looking);
    }
  }

  #lost(): void {
    this.thread = null;
    this.notice = this.speech.words.accessLost;
    this.#look();
  }

  /** Tells screen readers of what is new. */
  #announce(message: Message): void {
    const isNew = message.number > 0 && !message.editedAt && !message.deletedAt && message.author !== this.myId;
    if (isNew && this.session?.connection.filling === undefined) this.#announcer.add(message);
  }
}
