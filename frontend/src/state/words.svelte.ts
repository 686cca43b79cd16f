import type { AppSettings } from '../bridge/port';
import { Format } from '../model/format';
import { en, type Words } from '../model/words/en';
import { es } from '../model/words/es';

/** The words and formats of the window, in the language chosen; a change shows at once. */
export class Speech {
  #setting = $state<AppSettings['language']>('system');
  readonly #system: readonly string[];

  constructor(system: readonly string[] = navigator.languages) {
    this.#system = system;
  }

  readonly language = $derived.by((): 'en' | 'es' => {
    if (this.#setting !== 'system') return this.#setting;
    const known = this.#system.map((l) => l.slice(0, 2)).find((l) => l === 'en' || l === 'es');
    return known === 'es' ? 'es' : 'en';
  });

  readonly words: Words = $derived(this.language === 'es' ? es : en);

  /** In the system's own variety of the language where it has one. */
  readonly format = $derived.by(
    () => new Format(this.#system.find((l) => l.startsWith(this.language)) ?? this.language),
  );

  use(language: AppSettings['language']): void {
    this.#setting = language;
  }
}
