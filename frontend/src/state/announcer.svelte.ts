import type { Message } from '../bridge';

const ANNOUNCE_AFTER_MS = 400;

/** Tells screen readers of new messages, many at once in one sentence. */
export class Announcer {
  text = $state('');
  #waiting: Message[] = [];
  readonly #say: (messages: readonly Message[]) => string;

  constructor(say: (messages: readonly Message[]) => string) {
    this.#say = say;
  }

  add(message: Message): void {
    if (this.#waiting.some((m) => m.id === message.id)) return;
    this.#waiting.push(message);
    if (this.#waiting.length > 1) return;
    setTimeout(() => {
      this.text = this.#say(this.#waiting);
      this.#waiting = [];
    }, ANNOUNCE_AFTER_MS);
  }
}
