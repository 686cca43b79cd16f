import type { Bridge, CannedAnswer, Item, Person } from '../bridge/port';

/** What a composer needs to offer canned answers: the answers, and what their variables are filled in with. */
export interface AnswerSource {
  list: readonly CannedAnswer[];
  customers: readonly Person[];
  me: Person | undefined;
  /** The ticket or task that is written about; null for none. */
  item: () => Promise<Item | null>;
}

/** What the team answers often, as it is kept on this computer. */
export class Answers {
  list = $state.raw<readonly CannedAnswer[]>([]);
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  async read(): Promise<void> {
    this.list = await this.#bridge.answers.List().catch(() => this.list);
  }

  /** For a message to these people, about this item. */
  for(people: readonly Person[], me: Person | undefined, item?: string): AnswerSource {
    const customers = people.filter((p) => p.kind === 'customer');
    return { list: this.list, customers, me, item: async () => (item ? this.#bridge.items.Get(item) : null) };
  }
}
