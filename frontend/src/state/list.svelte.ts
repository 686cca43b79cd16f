import type { Bridge, Conversation, View } from '../bridge/port';

const PAGE = 50;
const REFRESH_AFTER_MS = 60;

/** The conversations of one view, and how many of each view are unseen. */
export class ConversationList {
  view = $state<View>('internal-inbox');
  items = $state.raw<readonly Conversation[]>([]);
  counts = $state.raw<Partial<Record<View, number>>>({});
  loaded = $state(false);
  failed = $state(false);
  #next: string | undefined;
  #ticket = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  async show(view: View): Promise<void> {
    if (view !== this.view) {
      this.items = [];
      this.loaded = false;
    }
    this.view = view;
    await this.refresh();
  }

  /** Reads again as much as is shown. The answer to an older question is dropped. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ticket = ++this.#ticket;
    const want = Math.min(200, Math.max(PAGE, this.items.length));
    try {
      const [page, counts] = await Promise.all([
        this.#bridge.conversations.List(this.view, '', want),
        this.#bridge.conversations.Counts(),
      ]);
      if (ticket !== this.#ticket) return;
      this.items = page.items ?? [];
      this.#next = page.next;
      this.counts = counts ?? {};
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
    const page = await this.#bridge.conversations.List(this.view, cursor, PAGE);
    if (ticket !== this.#ticket) return;
    const held = new Set(this.items.map((c) => c.id));
    this.items = [...this.items, ...(page.items ?? []).filter((c) => !held.has(c.id))];
    this.#next = page.next;
  }

  /** A conversation changed: shown at once where it stands, and the view asked again what belongs to it. */
  apply(conversation: Conversation): void {
    this.items = this.items.map((c) => (c.id === conversation.id ? conversation : c));
    this.soon();
  }

  remove(id: string): void {
    this.items = this.items.filter((c) => c.id !== id);
    this.soon();
  }

  /** Many changes make one question. */
  soon(): void {
    this.#timer ??= setTimeout(() => void this.refresh(), REFRESH_AFTER_MS);
  }
}
