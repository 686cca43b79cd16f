import type { Bridge, Item, NewItem } from '../bridge/port';
import { newKey } from '../model/keys';

const SAVE_AFTER_MS = 300;

/** A ticket or task that is being written. What takes long to type is kept as a draft of its kind; nothing is at the server. */
export class ItemForm {
  readonly kind: Item['kind'];
  /** The conversation with customers it is made from; empty for none. */
  readonly conversation: string;
  title = $state('');
  description = $state('');
  assignee = $state('');
  /** A moment, or empty. */
  due = $state('');
  tags = $state.raw<readonly string[]>([]);
  project = $state('');
  followers = $state.raw<readonly string[]>([]);
  /** The same for each try: made twice it is made once. */
  readonly #key = newKey();
  #touched = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge, kind: Item['kind'], conversation = '') {
    this.#bridge = bridge;
    this.kind = kind;
    this.conversation = conversation;
  }

  get isEmpty(): boolean {
    return !this.title.trim() && !this.description.trim() && this.followers.length === 0;
  }

  get #target(): string {
    return `new:item:${this.kind}`;
  }

  /** Takes up the kept draft, unless something was typed before it came. What begins with a conversation begins afresh. */
  async load(): Promise<void> {
    if (this.conversation) return;
    const draft = await this.#bridge.conversations.Draft(this.#target);
    if (this.#touched || !draft) return;
    this.title = draft.subject;
    this.description = draft.body;
    this.followers = draft.participants ?? [];
  }

  /** To be called after each change: the draft is written down shortly after. */
  changed(): void {
    this.#touched = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush().catch(() => {}), SAVE_AFTER_MS);
  }

  /** Writes the draft down now, where it changed. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#touched || this.conversation) return;
    this.#touched = false;
    await this.#save(this.title, this.description, [...this.followers]);
  }

  /** Forgets the draft. */
  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    this.#touched = false;
    if (!this.conversation) await this.#save('', '', []);
  }

  #save(subject: string, body: string, participants: string[]): Promise<void> {
    const draft = { subject, body, participants, files: [], mentions: [] };
    return this.#bridge.conversations.SaveDraft(this.#target, draft);
  }

  /** The item as the server makes it. */
  asked(): NewItem {
    const { kind, title, description, assignee, due, tags, project, followers, conversation } = this;
    const lists = { tags: [...tags], followers: [...followers] };
    return { key: this.#key, kind, title: title.trim(), description, assignee, due, project, conversation, ...lists };
  }
}
