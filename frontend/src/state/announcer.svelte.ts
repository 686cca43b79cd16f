import type { Message } from '../bridge';
import type { People } from './people.svelte';
import type { Speech } from './words.svelte';

const ANNOUNCE_AFTER_MS = 400;

/** Tells screen readers of new messages, many at once in one sentence. */
export class Announcer {
  text = $state('');
  #waiting: Message[] = [];
  readonly #speech: Speech;
  readonly #people: People;

  constructor(speech: Speech, people: People) {
    this.#speech = speech;
    this.#people = people;
  }

  add(message: Message): void {
    if (this.#waiting.some((m) => m.id === message.id)) return;
    this.#waiting.push(message);
    if (this.#waiting.length > 1) return;
    setTimeout(() => {
      this.text = this.#sentence(this.#waiting);
      this.#waiting = [];
    }, ANNOUNCE_AFTER_MS);
  }

  #sentence(messages: readonly Message[]): string {
    const { words } = this.#speech;
    const name = this.#people.get(messages[0]!.author)?.name ?? words.somebody;
    return messages.length === 1 ? words.newMessageFrom(name) : words.newMessages(messages.length);
  }
}
