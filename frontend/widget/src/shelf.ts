/** What a browser keeps of a chat: in the frame's own storage, and in memory where there is none. */
export class Shelf {
  readonly #memory = new Map<string, string>();

  constructor(private readonly site: string) {}

  get<T>(name: string): T | undefined {
    try {
      const kept = this.#storage()?.getItem(this.#key(name)) ?? this.#memory.get(name);
      return kept === undefined ? undefined : (JSON.parse(kept) as T);
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

  drop(name: string): void {
    this.#memory.delete(name);
    this.#storage()?.removeItem(this.#key(name));
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

/** Runs something in one tab at a time. Where a browser refuses locks to frames, each tab is by itself. */
export async function alone<T>(name: string, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let began = false;
  const run = () => {
    began = true;
    return act();
  };
  try {
    return (await navigator.locks.request(`recado:${name}`, signal ? { signal } : {}, run)) as T;
  } catch (e) {
    if (began || signal?.aborted) throw e;
    return act();
  }
}

/** A key that no other has: 128 random bits. Pages without encryption have no crypto.randomUUID. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
