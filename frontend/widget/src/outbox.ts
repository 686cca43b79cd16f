import { Refusal, type Api, type Message } from './api';
import { newKey, type Shelf } from './shelf';

/** Typed here and not yet at the server. The key keeps it from being sent twice. */
export interface Waiting {
  key: string;
  body: string;
  /** Files that are at the server already. */
  files: string[];
  /** Files that are to go first. They are held in memory: what has some does not survive a reload. */
  uploads?: { key: string; file: File }[];
  /** The address whose owner typed it, as the web site signed; empty for nobody in particular. */
  who: string;
  /** The status with which the server refused it. */
  failed?: number;
}

/** What waits to be sent, in order. It survives a reload, and tabs of a browser share it. */
export class Outbox {
  waiting: Waiting[] = [];

  constructor(private readonly shelf: Shelf) {}

  /** Shows what somebody typed; what another signed for has typed is not theirs to send. */
  open(who: string): void {
    const mine = (w: Waiting) => !w.who || w.who === who;
    const here = this.waiting.filter((w) => w.uploads?.length && mine(w));
    this.waiting = [...this.#stored().filter(mine), ...here];
  }

  add(body: string, files: File[], who: string): void {
    const w: Waiting = { key: newKey(), body, files: [], who };
    if (files.length > 0) w.uploads = files.map((file) => ({ key: newKey(), file }));
    this.waiting = [...this.waiting, w];
    this.#keep(w);
  }

  get due(): Waiting | undefined {
    return this.waiting.find((w) => !w.failed);
  }

  again(key: string): void {
    this.#change(key, { failed: undefined });
  }

  /** Takes away what has arrived. */
  settle(key: string | undefined): void {
    if (!key) return;
    this.waiting = this.waiting.filter((w) => w.key !== key);
    this.#store(this.#stored().filter((w) => w.key !== key));
  }

  /** Sends one; undefined where the server refused it for good. Whatever is worth another try is thrown. */
  async send(w: Waiting, api: Api): Promise<Message | undefined> {
    try {
      for (const { key, file } of w.uploads ?? []) {
        const { id } = await api.upload(key, file);
        w = this.#change(w.key, { files: [...w.files, id], uploads: w.uploads!.filter((u) => u.key !== key) });
      }
      const sent = await api.post(w.key, w.body, w.files);
      this.settle(w.key);
      return sent;
    } catch (e) {
      if (!(e instanceof Refusal) || e.passes) throw e;
      this.#change(w.key, { failed: e.status });
      return undefined;
    }
  }

  #change(key: string, change: Partial<Waiting>): Waiting {
    const changed = { ...this.waiting.find((w) => w.key === key)!, ...change };
    this.waiting = this.waiting.map((w) => (w.key === key ? changed : w));
    this.#keep(changed);
    return changed;
  }

  #keep(w: Waiting): void {
    if (w.uploads?.length) return;
    this.#store([...this.#stored().filter((other) => other.key !== w.key), w]);
  }

  #stored(): Waiting[] {
    return this.shelf.get<Waiting[]>('outbox') ?? [];
  }

  #store(list: Waiting[]): void {
    this.shelf.put('outbox', list);
  }
}
