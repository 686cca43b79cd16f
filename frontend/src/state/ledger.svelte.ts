import type { Bridge, Delivery } from '../bridge/port';

/** What became of the messages of one conversation outside the app, as far as it is known here. */
export class Ledger {
  #known = $state.raw<ReadonlyMap<string, readonly Delivery[]>>(new Map());
  /** For each question under way, what was told since: the answer may have been read before it happened. */
  readonly #open = new Map<string, Delivery[]>();
  readonly #asked = new Set<string>();
  #queue: Promise<void> = Promise.resolve();
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  of(message: string): readonly Delivery[] {
    return this.#known.get(message) ?? [];
  }

  /** Takes over what is kept on this computer, where nothing newer is known. */
  async read(conversation: string, from: number, upTo: number): Promise<void> {
    const list = await this.#bridge.conversations.Ledger(conversation, from, upTo).catch(() => []);
    for (const d of list) if (!this.of(d.message).some((o) => same(o, d))) this.#put(d);
  }

  apply(delivery: Delivery): void {
    this.#open.get(delivery.message)?.push(delivery);
    this.#put(delivery);
  }

  #put(delivery: Delivery): void {
    const others = this.of(delivery.message).filter((o) => !same(o, delivery));
    this.#known = new Map(this.#known).set(delivery.message, [...others, delivery]);
  }

  /** Asks the server. Only the newest question about a message counts; without an answer what is known stays. */
  async ask(message: string): Promise<void> {
    this.#asked.add(message);
    const told: Delivery[] = [];
    this.#open.set(message, told);
    const list = await this.#bridge.conversations.Deliveries(message).catch(() => null);
    if (this.#open.get(message) !== told) return;
    this.#open.delete(message);
    if (!list) return void this.#asked.delete(message);
    this.#known = new Map(this.#known).set(message, list);
    for (const delivery of told) this.#put(delivery);
  }

  /** Asks once, one message after the other, where it is not known how a message ended. */
  want(message: string): void {
    const known = this.of(message).filter((d) => d.channel !== 'app');
    if (this.#asked.has(message) || (known.length > 0 && known.every((d) => d.state !== 'planned'))) return;
    this.#asked.add(message);
    this.#queue = this.#queue.then(() => this.ask(message));
  }

  /**
   * Somebody has seen something: what was planned for them has ended, what stood in their chat is seen, and no
   * other event tells so.
   */
  seenBy(person: string): void {
    for (const [message, list] of this.#known)
      if (list.some((d) => d.person === person && (d.state === 'planned' || stoodInChat(d)))) void this.ask(message);
  }
}

function stoodInChat(d: Delivery): boolean {
  return d.channel === 'chat' && d.state === 'sent';
}

function same(a: Delivery, b: Delivery): boolean {
  return a.person === b.person && a.channel === b.channel;
}
