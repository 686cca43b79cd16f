import { callError, type Bridge, type FileRef } from '../bridge';
import { newKey } from '../model/keys';

/** The largest file the server takes, in bytes. */
export const MAX_FILE = 100_000_000;
const CHUNK = 512 * 1024;

/** A file on its way into the outbox; `ref` stands once all of it arrived. */
export interface Attachment {
  key: string;
  name: string;
  size: number;
  done: number;
  ref?: FileRef;
}

/** The files of one composer. */
export class Attachments {
  items = $state.raw<readonly Attachment[]>([]);
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Whether one is still being copied. */
  get busy(): boolean {
    return this.items.some((a) => !a.ref);
  }

  get refs(): FileRef[] {
    return this.items.flatMap((a) => (a.ref ? [a.ref] : []));
  }

  set(refs: readonly FileRef[]): void {
    this.items = refs.map((ref) => ({ key: ref.id, name: ref.name, size: ref.size, done: ref.size, ref }));
  }

  remove(key: string): void {
    this.items = this.items.filter((a) => a.key !== key);
  }

  /** Copies a file piece by piece. Removing it meanwhile ends the copying; a failure rejects and takes it out. */
  async add(file: File): Promise<void> {
    // It stands there from this moment: what is sent now waits for it.
    const key = newKey();
    this.items = [...this.items, { key, name: file.name, size: file.size, done: 0 }];
    try {
      const id = await this.#bridge.conversations.BeginFile(file.name, file.size);
      for (let at = 0; at < file.size; at += CHUNK) {
        if (!this.items.some((a) => a.key === key)) return;
        await this.#bridge.conversations.AppendFile(id, await base64(file.slice(at, at + CHUNK)));
        this.#update(key, { done: Math.min(at + CHUNK, file.size) });
      }
      this.#update(key, { ref: await this.#bridge.conversations.FinishFile(id) });
    } catch (e) {
      this.remove(key);
      throw callError(e);
    }
  }

  #update(key: string, change: Partial<Attachment>): void {
    this.items = this.items.map((a) => (a.key === key ? { ...a, ...change } : a));
  }
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).split(',', 2)[1] ?? '');
    reader.onerror = () => reject(reader.error ?? new Error('the file could not be opened'));
    reader.readAsDataURL(blob);
  });
}
