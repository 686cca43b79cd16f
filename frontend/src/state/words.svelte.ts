import { callError, type AppSettings } from '../bridge';
import { Format } from '../model/format';
import { en, type Words } from '../model/words/en';

export type Language = 'en' | 'es';

/** The words and formats of the window, in the language chosen; a change shows as soon as its words are loaded. */
export class Speech {
  #setting = $state<AppSettings['language']>('system');
  /** English is always here; of the others only what somebody asked for. */
  #known = $state.raw<{ en: Words; es?: Words }>({ en });
  readonly #system: readonly string[];

  constructor(system: readonly string[] = navigator.languages) {
    this.#system = system;
  }

  readonly #wanted = $derived.by((): Language => {
    if (this.#setting !== 'system') return this.#setting;
    const known = this.#system.map((l) => l.slice(0, 2)).find((l) => l === 'en' || l === 'es');
    return known === 'es' ? 'es' : 'en';
  });

  readonly language: Language = $derived(this.#known[this.#wanted] ? this.#wanted : 'en');

  readonly words: Words = $derived(this.#known[this.language] ?? en);

  /** In the system's own variety of the language where it has one. */
  readonly format = $derived.by(
    () => new Format(this.#system.find((l) => l.startsWith(this.language)) ?? this.language),
  );

  /** A problem in a sentence: in our own words where its code has some, else as it came. */
  problem(e: unknown): string {
    const { code, message, fields } = callError(e);
    const own = (this.words.problems as Record<string, string | undefined>)[code];
    return own ?? [message, ...(fields ?? []).map((f) => f.message)].join(' ');
  }

  /** Changes the language. Resolves when it is shown; where its words cannot be loaded, English stays. */
  async use(language: AppSettings['language']): Promise<void> {
    this.#setting = language;
    if (this.#wanted !== 'es' || this.#known.es) return;
    const loaded = await import('../model/words/es').catch(() => null);
    if (loaded) this.#known = { en, es: loaded.es };
  }
}
