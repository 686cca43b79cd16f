/** What a browser keeps of a chat: in the frame's own storage, and in memory where there is none. */
export class Shelf {
  readonly #memory = new Map<string, string>();

  constructor(private readonly site: string) {}

  get<T>(name: string): T | undefined {
    try {
      const kept = this.#storage()?.getItem(this.#key(name)) ?? this.#memory.get(name);
      return kept === undefined || kept === null ? undefined : (JSON.parse(kept) as T);
    } catch {
      return undefined;
    }
  }

  put(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.#memory.set(name, text);
    try {
      this.#storage()?.setItem(this.#key(name), text);
    } catch {
      // Full or refused: it lasts as long as the page.
    }
  }

  #key(name: string): string {
    return `recado:${this.site}:${name}`;
  }

  #storage(): Storage | undefined {
    try {
      return window.localStorage;
    } catch {
      return undefined;
    }
  }
}
