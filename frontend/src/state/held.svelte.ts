import type { Bridge, HeldMail } from '../bridge/port';

/** What was just decided on a mail, and what can follow. */
export interface Decided {
  mail: HeldMail;
  kind: 'accepted' | 'assigned' | 'discarded';
  conversation: string;
}

/** The mails that wait for an agent. They stand at the server only: what is shown is what it told last. */
export class HeldMails {
  items = $state.raw<readonly HeldMail[]>([]);
  /** There are more than these. */
  more = $state(false);
  loaded = $state(false);
  /** Why they could not be read. */
  failed = $state.raw<unknown>(null);
  /** The id of the one that is open. */
  chosen = $state('');
  decided = $state.raw<Decided | null>(null);
  #ticket = 0;
  #connected = false;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Reads them again. The answer to an older question is dropped. */
  async read(): Promise<void> {
    const ticket = ++this.#ticket;
    try {
      const page = await this.#bridge.mail.Held('');
      if (ticket !== this.#ticket) return;
      this.items = page.items ?? [];
      this.more = !!page.next;
      this.failed = null;
      this.loaded = true;
    } catch (e) {
      if (ticket === this.#ticket) this.failed = e;
    }
  }

  /** Reads them again when the server is there again: nothing was told meanwhile. */
  connected(now: boolean): void {
    if (now && !this.#connected) void this.read();
    this.#connected = now;
  }

  /** Takes one out at once, and opens the one that follows it. */
  leave(decided: Decided): void {
    const at = this.items.findIndex((m) => m.id === decided.mail.id);
    this.items = this.items.filter((m) => m.id !== decided.mail.id);
    this.decided = decided;
    this.chosen = this.items[Math.min(Math.max(at, 0), this.items.length - 1)]?.id ?? '';
    void this.read();
  }

  clear(): void {
    this.#ticket++;
    this.items = [];
    this.loaded = false;
    this.chosen = '';
    this.decided = null;
  }
}
