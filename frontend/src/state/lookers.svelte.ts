import type { Bridge } from '../bridge/port';

const SAY_EVERY_MS = 20_000;
const GONE_AFTER_MS = 45_000;

/** Which colleagues look at a conversation with customers, and that we do: two might answer at once. */
export class Lookers {
  people = $state.raw<readonly string[]>([]);
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #saying: ReturnType<typeof setInterval> | undefined;
  readonly #bridge: Bridge;
  readonly #conversation: () => string;

  constructor(bridge: Bridge, conversation: () => string) {
    this.#bridge = bridge;
    this.#conversation = conversation;
  }

  /** We look from now on, until what this returns is called. */
  begin(): () => void {
    const id = this.#conversation();
    this.#say(id, true);
    this.#saying = setInterval(() => this.#say(this.#conversation(), true), SAY_EVERY_MS);
    return () => {
      clearInterval(this.#saying);
      this.#saying = undefined;
      this.#say(id, false);
    };
  }

  /** A colleague looks, or no longer. Who is new learns at once that we look, too. */
  heard(person: string, looking: boolean): void {
    clearTimeout(this.#timers.get(person));
    this.#timers.delete(person);
    const known = this.people.includes(person);
    if (!looking) {
      if (known) this.people = this.people.filter((p) => p !== person);
      return;
    }
    this.#timers.set(
      person,
      setTimeout(() => this.heard(person, false), GONE_AFTER_MS),
    );
    if (known) return;
    this.people = [...this.people, person];
    if (this.#saying !== undefined) this.#say(this.#conversation(), true);
  }

  /** To be called when another conversation is opened. */
  leave(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #say(id: string, looking: boolean): void {
    this.#bridge.conversations.Looking(id, looking).catch(() => {});
  }
}
