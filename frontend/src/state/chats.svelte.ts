import type { Bridge, Chat } from '../bridge/port';

/** Who is connected to the live chat, by person. Without the server nobody knows, and nobody is. */
export class Chats {
  #all = $state.raw<ReadonlyMap<string, Chat>>(new Map());
  /** What was told while a question is under way: it is newer than the answer. */
  #told: Chat[] | null = null;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  get(person: string): Chat | undefined {
    return this.#all.get(person);
  }

  /** Asks for all of them. Only the answer to the newest question counts. */
  async read(): Promise<void> {
    const told: Chat[] = (this.#told = []);
    const list = await this.#bridge.contacts.Chats().catch(() => [] as Chat[]);
    if (this.#told !== told) return;
    this.#told = null;
    this.#all = new Map();
    for (const chat of [...list, ...told]) this.apply(chat);
  }

  apply(chat: Chat): void {
    this.#told?.push(chat);
    const all = new Map(this.#all);
    if (chat.connected) all.set(chat.person, chat);
    else all.delete(chat.person);
    this.#all = all;
  }
}
