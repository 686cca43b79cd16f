import type { Bridge, Person } from '../bridge/port';

/** Everybody known here, by id. */
export class People {
  /** Those to whom the last mail did not arrive, once it was asked. */
  failing = $state.raw<ReadonlySet<string>>(new Set());
  #all = $state.raw<ReadonlyMap<string, Person>>(new Map());
  /** Those told of while a question is under way: they are newer than its answer. */
  #told: Person[] | null = null;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  async readFailing(): Promise<void> {
    this.failing = new Set(await this.#bridge.contacts.Failing().catch(() => []));
  }

  async load(): Promise<void> {
    const told: Person[] = (this.#told = []);
    const people = await this.#bridge.contacts.List('', '');
    if (this.#told !== told) return;
    this.#told = null;
    this.#all = new Map([...people, ...told].map((p) => [p.id, p]));
  }

  apply(people: readonly Person[]): void {
    this.#told?.push(...people);
    this.#all = new Map([...this.#all, ...people.map((p): [string, Person] => [p.id, p])]);
  }

  get(id: string): Person | undefined {
    return this.#all.get(id);
  }

  /** Those of the ids that are known. */
  several(ids: readonly string[]): Person[] {
    return ids.map((id) => this.#all.get(id)).filter((p) => p !== undefined);
  }

  get list(): Person[] {
    return [...this.#all.values()];
  }
}
