import type { Bridge, Conversation, Draft } from '../bridge/port';
import { decodeMentions, encodeMentions, type Mention } from '../model/mentions';
import { Attachments } from './attachments.svelte';

/** How long after the last key a draft is written down. */
const SAVE_AFTER_MS = 300;
const TYPING_EVERY_MS = 4000;

/** What a message may hold at most, in characters. */
export const MAX_BODY = 150_000;

export type Kind = Conversation['kind'];

/** What is being written for one target: a conversation, or `new:` and a kind. It is kept as typed. */
export class Composing {
  body = $state('');
  participants = $state.raw<readonly string[]>([]);
  readonly files: Attachments;
  target: string;
  /** The number of the newest message when this one was begun; negative where nothing was typed since it was opened. */
  begunAfter = -1;
  /** The number of the newest message there is. */
  newest: () => number = () => 0;
  #picked: Mention[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #typingAt = 0;
  #touched = false;
  readonly #bridge: Bridge;
  readonly #nameOf: (id: string) => string | undefined;

  constructor(bridge: Bridge, target: string, nameOf: (id: string) => string | undefined) {
    this.#bridge = bridge;
    this.#nameOf = nameOf;
    this.target = target;
    this.files = new Attachments(bridge);
  }

  /** The kind of the conversation that is being written, where it is a new one. */
  get kind(): Kind | undefined {
    return this.target === 'new:internal' ? 'internal' : this.target === 'new:customer' ? 'customer' : undefined;
  }

  /** Whether anything would be lost. */
  get isEmpty(): boolean {
    return this.body.trim() === '' && this.files.items.length === 0 && this.participants.length === 0;
  }

  get tooLong(): boolean {
    return this.body.length > MAX_BODY;
  }

  /** Takes up the kept draft, unless something was typed before it came. */
  async load(): Promise<void> {
    const draft = await this.#bridge.conversations.Draft(this.target);
    if (draft && !this.#touched) this.#fill(draft);
  }

  /** Puts back what was taken out of the outbox, before what stands here. */
  restore(draft: Draft): void {
    const rest = this.body;
    this.#fill(draft);
    if (rest.trim()) this.body += `\n${rest}`;
    this.changed();
  }

  #fill(draft: Draft): void {
    const { typed, picked } = decodeMentions(draft.body);
    const named = (draft.mentions ?? []).flatMap((id) => {
      const name = this.#nameOf(id);
      return name ? [{ id, name }] : [];
    });
    this.body = typed;
    this.#picked = [...picked, ...named];
    this.participants = draft.participants ?? [];
    this.files.set(draft.files ?? []);
  }

  pick(mention: Mention): void {
    if (!this.#picked.some((m) => m.id === mention.id)) this.#picked.push(mention);
  }

  addPerson(id: string): void {
    if (!this.participants.includes(id)) this.participants = [...this.participants, id];
    this.changed();
  }

  removePerson(id: string): void {
    this.participants = this.participants.filter((p) => p !== id);
    this.changed();
  }

  /** To be called after each change: the draft is written down shortly after. */
  changed(): void {
    this.#touched = true;
    if (!this.body) this.begunAfter = -1;
    else if (this.begunAfter < 0) this.begunAfter = this.newest();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), SAVE_AFTER_MS);
    if (this.body && !this.target.startsWith('new:') && Date.now() - this.#typingAt > TYPING_EVERY_MS) {
      this.#typingAt = Date.now();
      this.#bridge.conversations.Typing(this.target).catch(() => {});
    }
  }

  /** Writes the draft down now, where it changed. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#touched) return;
    this.#touched = false;
    const { body, mentions } = this.encoded();
    const draft = { body, mentions, participants: [...this.participants], files: this.files.refs, subject: '' };
    await this.#bridge.conversations.SaveDraft(this.target, draft);
  }

  /** The message as it is stored. */
  encoded(): { body: string; mentions: string[] } {
    return encodeMentions(this.body, this.#picked);
  }

  /** Empties the page and forgets the draft. */
  async clear(): Promise<void> {
    this.body = '';
    this.begunAfter = -1;
    this.#picked = [];
    this.participants = [];
    this.files.set([]);
    this.#touched = true;
    await this.flush();
  }
}
