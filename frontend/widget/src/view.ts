import type { Message } from './api';
import type { Chat } from './chat';
import { button, element, place, textButton } from './dom';
import type { Later } from './later';
import type { Waiting } from './outbox';
import { speak, type Words } from './words';

/** The chat's window: it shows what the chat holds, and says what the visitor does. */
export class View {
  words: Words = speak('');
  shown = false;
  lang = 'en';
  readonly files = element('ul', 'files');
  readonly ask = element('form', 'ask') as HTMLFormElement;
  readonly #title = element('h1');
  readonly #hours = element('p', 'hours');
  readonly #log = element('div', 'log');
  readonly #typing = element('p', 'typing');
  readonly #note = element('p', 'note');
  readonly #form = element('form', 'write') as HTMLFormElement;
  readonly #box = element('textarea') as HTMLTextAreaElement;
  readonly #chooser = element('input') as HTMLInputElement;
  readonly #close: HTMLButtonElement;
  readonly #attachButton: HTMLButtonElement;
  readonly #sendButton: HTMLButtonElement;
  readonly #rows = new Map<string, { version: string; row: HTMLElement }>();
  #later: Later | undefined;
  #asked: Promise<Later> | undefined;
  #said = '';
  #atEnd = true;
  #first = '';

  constructor(
    readonly chat: Chat,
    close: () => void,
  ) {
    this.#close = button('close', close);
    this.#attachButton = button('attach', () => this.#chooser.click());
    this.#sendButton = button('send', () => this.#form.requestSubmit());
    this.#log.setAttribute('role', 'log');
    this.#log.tabIndex = 0;
    this.#typing.setAttribute('aria-live', 'polite');
    this.#note.setAttribute('role', 'status');
    this.#chooser.type = 'file';
    this.#chooser.multiple = true;
    this.#chooser.hidden = true;
    this.#box.rows = 1;
    this.#box.maxLength = 150_000;
    this.#form.append(this.files, this.#attachButton, this.#chooser, this.#box, this.#sendButton);
    const head = element('header', '', element('div', '', this.#title, this.#hours), this.#close);
    document.body.append(head, this.#log, this.#typing, this.#note, this.ask, this.#form);
    this.#listen();
    this.speakIn(navigator.language);
    setInterval(() => this.render(), 10_000);
  }

  speakIn(lang: string): void {
    try {
      this.lang = Intl.getCanonicalLocales(lang.replace('_', '-'))[0] ?? 'en'; // pages hold anything there
    } catch {
      this.lang = 'en';
    }
    const words = (this.words = speak(this.lang));
    document.documentElement.lang = /^es\b/i.test(this.lang) ? 'es' : 'en';
    document.title = words.chat;
    this.#box.placeholder = words.write;
    for (const [part, label] of [
      [this.#log, words.messages],
      [this.#box, words.write],
      [this.#close, words.closeChat],
      [this.#attachButton, words.attach],
      [this.#sendButton, words.send],
    ] as const) {
      part.setAttribute('aria-label', label);
    }
    this.render();
  }

  focus(): void {
    this.#box.focus();
  }

  say(text: string): void {
    this.#said = text;
    this.#renderNote();
  }

  grew(): void {
    if (this.#atEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #listen(): void {
    this.#form.addEventListener('submit', (e) => {
      e.preventDefault();
      this.#send();
    });
    this.#box.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return;
      e.preventDefault();
      this.#form.requestSubmit();
    });
    this.#box.addEventListener('input', () => {
      this.#fit();
      this.chat.typed();
    });
    this.#box.addEventListener('paste', (e) => {
      const data = e.clipboardData;
      if (!data?.files.length || data.types.includes('text/plain')) return; // a text's picture comes along from offices
      e.preventDefault();
      void this.#attach(data.files);
    });
    document.addEventListener('dragover', (e) => e.preventDefault());
    document.addEventListener('drop', (e) => {
      e.preventDefault();
      void this.#attach(e.dataTransfer?.files);
    });
    this.#chooser.addEventListener('change', () => {
      void this.#attach(this.#chooser.files);
      this.#chooser.value = '';
    });
    this.#log.addEventListener('scroll', () => {
      this.#atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 80;
      if (this.#log.scrollTop < 60) void this.chat.older();
    });
    addEventListener('resize', () => this.grew());
  }

  #fit(): void {
    this.#box.style.height = 'auto';
    this.#box.style.height = `${Math.min(this.#box.scrollHeight + 2, 120)}px`;
  }

  /** What is not needed to write the first words. */
  #more(): Promise<Later> {
    return (this.#asked ??= import('./later').then(
      ({ Later }) => {
        this.#later = new Later(this);
        this.#rows.clear();
        this.render();
        return this.#later;
      },
      (e: unknown) => {
        this.#asked = undefined; // texts are shown as they are, and it is asked for again
        throw e;
      },
    ));
  }

  async #attach(files: FileList | null | undefined): Promise<void> {
    const list = [...(files ?? [])];
    if (list.length === 0) return;
    this.#said = '';
    try {
      (await this.#more()).attach(list);
    } catch {
      this.say(this.words.problem);
    }
    this.focus();
  }

  #send(): void {
    const body = this.#box.value.trim();
    const files = this.#later?.take() ?? [];
    if (!body && files.length === 0) return;
    this.#box.value = '';
    this.#fit();
    this.#said = '';
    this.#atEnd = true;
    this.chat.write(body, files);
  }

  render(): void {
    const { chat, words } = this;
    this.#title.textContent = chat.site?.name ?? words.chat;
    this.#hours.textContent = this.#hoursNow();
    if (!this.#later && chat.messages.length > 0) void this.#more().catch(() => {});
    const { scrollHeight, scrollTop } = this.#log;
    place(this.#log, [
      this.#greeting(),
      ...chat.messages.map((m) => this.#message(m)),
      ...chat.outbox.waiting.map((w) => this.#waiting(w)),
    ]);
    const first = chat.messages[0]?.id ?? '';
    if (this.#first > first && first) this.#log.scrollTop = scrollTop + this.#log.scrollHeight - scrollHeight;
    else this.grew();
    this.#first = first;
    this.#typing.textContent = chat.typing && words.typing(chat.typing);
    this.#form.hidden = chat.refused !== '';
    this.#renderNote();
    this.#later?.renderAsk();
    if (this.shown && document.visibilityState === 'visible') chat.sawAll();
  }

  #renderNote(): void {
    const { chat, words } = this;
    const text = chat.refused ? this.#refusal() : chat.offline && chat.begun ? words.offline : this.#said;
    if (this.#note.textContent !== text) this.#note.textContent = text;
  }

  #refusal(): string {
    const { words } = this;
    const known: Record<string, string> = {
      'identity-required': words.signInNeeded,
      'identity-refused': words.signInAgain,
    };
    return known[this.chat.refused] ?? words.problem;
  }

  #hoursNow(): string {
    const { site } = this.chat;
    if (!site) return '';
    if (site.open) return this.words.here;
    if (!site.opensAt) return this.words.byMail;
    return this.words.byMailUntil(this.#time(site.opensAt, { weekday: 'long' }));
  }

  #time(at: string, more: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.lang, { hour: '2-digit', minute: '2-digit', ...more }).format(new Date(at));
  }

  #greeting(): HTMLElement {
    const language = document.documentElement.lang as 'en' | 'es';
    const text = this.chat.site?.greeting[language] || this.words.greeting;
    return this.#row('', text, () => element('p', 'greeting', text));
  }

  /** Rows that did not change stay as they are. */
  #row(key: string, version: string, make: () => HTMLElement): HTMLElement {
    const held = this.#rows.get(key);
    if (held?.version === version) return held.row;
    const row = make();
    this.#rows.set(key, { version, row });
    return row;
  }

  #text(body: string): HTMLElement {
    return this.#later ? this.#later.textOf(body) : element('div', 'text', body);
  }

  #message(m: Message): HTMLElement {
    const { chat, words } = this;
    const mine = m.author === chat.me?.id;
    const name = mine ? words.you : (chat.people.get(m.author)?.name ?? chat.site?.name ?? '');
    const seen = mine && m.number <= (chat.seenByTeam.get(m.conversation) ?? 0);
    const today = new Date(m.createdAt).toDateString() === new Date().toDateString();
    return this.#row(m.id, `${m.version} ${name} ${seen} ${today} ${this.lang}`, () => {
      const time = this.#time(m.createdAt, today ? {} : { day: 'numeric', month: 'short' });
      const foot = [time, m.editedAt && !m.deletedAt && words.edited, seen && words.seen].filter(Boolean);
      const row = element('article', mine ? 'mine' : 'theirs');
      row.setAttribute('aria-label', `${name}, ${time}`);
      if (!mine) row.append(element('b', '', name));
      row.append(m.deletedAt ? element('p', 'deleted', words.deleted) : this.#text(m.body));
      for (const f of m.files) if (this.#later) row.append(this.#later.file(f));
      row.append(element('small', '', foot.join(' · ')));
      return row;
    });
  }

  #waiting(w: Waiting): HTMLElement {
    return this.#row(w.key, `${w.failed} ${this.lang}`, () => {
      const row = element('article', 'mine waiting', this.#text(w.body));
      for (const { file } of w.uploads ?? []) row.append(element('p', '', file.name));
      const why = [w.failed ? this.words.notSent : this.words.sending, this.#later?.refusal(w.failed ?? 0)];
      row.append(element('small', '', why.filter(Boolean).join(' · ')));
      if (w.failed) row.append(textButton(this.words.again, () => this.chat.again(w.key)));
      return row;
    });
  }
}
