import type { FileRef, Message } from './api';
import type { Chat, Waiting } from './chat';
import { icon } from './icons';
import { speak, type Words } from './words';

/** How texts are shown: as they are, until what lays them out has come, with the first message. */
let textOf = (body: string): HTMLElement => element('div', 'text', body);
let asked = false;

const MAX_FILE = 100_000_000;
/** Nobody answered for so long: where can the answer go? */
const ASK_ADDRESS_AFTER_MS = 30_000;

/** The chat's window: it shows what the chat holds, and says what the visitor does. */
export class View {
  words: Words;
  shown = false;
  readonly #title = element('h1');
  readonly #hours = element('p', 'hours');
  readonly #log = element('div', 'log');
  readonly #typing = element('p', 'typing');
  readonly #note = element('p', 'note');
  readonly #ask = element('form', 'ask') as HTMLFormElement;
  readonly #form = element('form', 'write') as HTMLFormElement;
  readonly #box = element('textarea') as HTMLTextAreaElement;
  readonly #files = element('ul', 'files');
  readonly #chooser = element('input') as HTMLInputElement;
  #attached: { key: string; file: File; ref?: FileRef }[] = [];
  readonly #rows = new Map<string, { version: string; row: HTMLElement }>();
  readonly #pictures = new Map<string, string>();
  #later = false;
  #lang: string;

  constructor(
    private readonly chat: Chat,
    lang: string,
    close: () => void,
  ) {
    this.#lang = lang;
    this.words = speak(lang);
    const shut = button('close', this.words.closeChat, close);
    const head = element('header', '', element('div', '', this.#title, this.#hours), shut);
    this.#log.setAttribute('role', 'log');
    this.#log.tabIndex = 0;
    this.#typing.setAttribute('aria-live', 'polite');
    this.#note.setAttribute('role', 'status');
    this.#chooser.type = 'file';
    this.#chooser.multiple = true;
    this.#chooser.hidden = true;
    this.#box.rows = 1;
    this.#box.maxLength = 150_000;
    const attach = button('attach', this.words.attach, () => this.#chooser.click());
    const send = button('send', this.words.send, () => this.#form.requestSubmit());
    this.#form.append(this.#files, attach, this.#chooser, this.#box, send);
    document.body.append(head, this.#log, this.#typing, this.#note, this.#ask, this.#form);
    this.#listen();
    this.speakIn(lang);
    setInterval(() => this.render(), 10_000);
  }

  speakIn(lang: string): void {
    this.#lang = lang;
    this.words = speak(lang);
    document.documentElement.lang = /^es\b/i.test(lang) ? 'es' : 'en';
    document.title = this.words.chat;
    this.#log.setAttribute('aria-label', this.words.messages);
    this.#box.placeholder = this.words.write;
    this.#box.setAttribute('aria-label', this.words.write);
    this.render();
  }

  focus(): void {
    this.#box.focus();
  }

  #listen(): void {
    this.#form.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#send();
    });
    this.#box.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return;
      e.preventDefault();
      this.#form.requestSubmit();
    });
    this.#box.addEventListener('input', () => {
      this.#box.style.height = 'auto';
      this.#box.style.height = `${Math.min(this.#box.scrollHeight, 120)}px`;
      this.chat.typed();
    });
    this.#box.addEventListener('paste', (e) => this.#attach(e.clipboardData?.files));
    document.addEventListener('dragover', (e) => e.preventDefault());
    document.addEventListener('drop', (e) => {
      e.preventDefault();
      this.#attach(e.dataTransfer?.files);
    });
    this.#chooser.addEventListener('change', () => {
      this.#attach(this.#chooser.files ?? undefined);
      this.#chooser.value = '';
    });
    this.#ask.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#introduce();
    });
    this.#log.addEventListener('scroll', () => {
      if (this.#log.scrollTop < 60) void this.chat.older().catch(() => {});
    });
  }

  #attach(files: FileList | undefined): void {
    for (const file of files ?? []) {
      if (file.size > MAX_FILE) this.#say(this.words.tooLarge);
      else this.#attached = [...this.#attached, { key: crypto.randomUUID(), file }];
    }
    this.#renderFiles();
  }

  async #send(): Promise<void> {
    const body = this.#box.value.trim();
    if (!body && this.#attached.length === 0) return;
    const attached = this.#attached;
    this.#box.value = '';
    this.#box.style.height = 'auto';
    this.#attached = [];
    this.#renderFiles();
    try {
      if (attached.length > 0 && !this.chat.begun) await this.chat.write(body || this.words.fileOnly, []);
      const files: string[] = [];
      for (const a of attached) files.push((await this.chat.api.upload(a.key, a.file)).id);
      if (files.length > 0 || this.chat.begun) await this.chat.write(files.length > 0 && !body ? '' : body, files);
      else await this.chat.write(body, []);
    } catch {
      this.#say(this.words.problem);
      if (!this.#box.value) this.#box.value = body;
      this.#attached = attached;
      this.#renderFiles();
    }
  }

  #say(text: string): void {
    this.#note.textContent = text;
  }

  #renderFiles(): void {
    this.#files.replaceChildren(
      ...this.#attached.map((a) =>
        element(
          'li',
          '',
          a.file.name,
          button('close', this.words.remove(a.file.name), () => {
            this.#attached = this.#attached.filter((other) => other !== a);
            this.#renderFiles();
          }),
        ),
      ),
    );
  }

  render(): void {
    const { chat, words } = this;
    this.#title.textContent = chat.site?.name ?? words.chat;
    this.#hours.textContent = this.#hoursNow();
    if (!asked && chat.messages.length > 0) void this.#layOut();
    const atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 80;
    const rows = [
      this.#greeting(),
      ...chat.messages.map((m) => this.#message(m)),
      ...chat.waiting.map((w) => this.#waiting(w)),
    ];
    this.#log.replaceChildren(...rows);
    if (atEnd) this.#log.scrollTop = this.#log.scrollHeight;
    this.#typing.textContent = chat.typing && words.typing(chat.typing);
    if (chat.refused) this.#say(words.signInNeeded);
    else if (chat.begun) this.#say(chat.offline ? words.offline : '');
    this.#form.hidden = chat.refused !== '';
    this.#renderAsk();
    if (this.shown && document.visibilityState === 'visible') chat.sawAll();
  }

  async #layOut(): Promise<void> {
    asked = true;
    try {
      ({ textOf } = await import('./text'));
    } catch {
      asked = false; // shown as it is, and asked for again
      return;
    }
    this.#rows.clear();
    this.render();
  }

  #hoursNow(): string {
    const { site } = this.chat;
    if (!site) return '';
    if (site.open) return this.words.here;
    if (!site.opensAt) return this.words.byMail;
    const when = new Intl.DateTimeFormat(this.#lang, { weekday: 'long', hour: '2-digit', minute: '2-digit' });
    return this.words.byMailUntil(when.format(new Date(site.opensAt)));
  }

  #greeting(): HTMLElement {
    const language = document.documentElement.lang as 'en' | 'es';
    return element('p', 'greeting', this.chat.site?.greeting[language] || this.words.greeting);
  }

  /** Rows that did not change stay as they are, so that nothing is announced or selected twice. */
  #row(key: string, version: string, make: () => HTMLElement): HTMLElement {
    const held = this.#rows.get(key);
    if (held?.version === version) return held.row;
    const row = make();
    this.#rows.set(key, { version, row });
    return row;
  }

  #message(m: Message): HTMLElement {
    const { chat, words } = this;
    const mine = m.author === chat.me?.id;
    const name = mine ? words.you : (chat.people.get(m.author)?.name ?? chat.site?.name ?? '');
    const seen = mine && m.number <= (chat.seenByTeam.get(m.conversation) ?? 0);
    return this.#row(m.id, `${m.version} ${name} ${seen} ${this.#lang}`, () => {
      const time = new Intl.DateTimeFormat(this.#lang, { hour: '2-digit', minute: '2-digit' }).format(
        new Date(m.createdAt),
      );
      const foot = [time, m.editedAt && !m.deletedAt ? words.edited : '', seen ? words.seen : '']
        .filter(Boolean)
        .join(' · ');
      const row = element('article', mine ? 'mine' : 'theirs');
      row.setAttribute('aria-label', `${name}, ${time}`);
      if (!mine) row.append(element('b', '', name));
      row.append(m.deletedAt ? element('p', 'deleted', words.deleted) : textOf(m.body));
      for (const f of m.files) row.append(this.#file(f));
      row.append(element('small', '', foot));
      return row;
    });
  }

  #waiting(w: Waiting): HTMLElement {
    return this.#row(w.key, String(w.failed), () => {
      const row = element('article', 'mine waiting', textOf(w.body));
      row.append(element('small', '', w.failed ? this.words.notSent : this.words.sending));
      if (w.failed) row.append(textButton(this.words.again, () => void this.chat.again(w.key)));
      return row;
    });
  }

  #file(f: FileRef): HTMLElement {
    const save = textButton(f.name, () => void this.#save(f));
    save.prepend(icon('file'));
    if (!/^image\/(png|jpeg|gif|webp)$/.test(f.type)) return save;
    const picture = element('img') as HTMLImageElement;
    picture.alt = f.name;
    const known = this.#pictures.get(f.id);
    if (known) picture.src = known;
    else void this.#show(f, picture);
    return picture;
  }

  async #show(f: FileRef, picture: HTMLImageElement): Promise<void> {
    const url = URL.createObjectURL(await this.chat.api.file(f.id));
    this.#pictures.set(f.id, url);
    picture.src = url;
  }

  async #save(f: FileRef): Promise<void> {
    const link = element('a') as HTMLAnchorElement;
    link.href = URL.createObjectURL(await this.chat.api.file(f.id));
    link.download = f.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  #renderAsk(): void {
    const { chat, words } = this;
    const mine = chat.messages.findLast((m) => m.author === chat.me?.id);
    const waits =
      mine && mine === chat.messages.at(-1) && Date.now() - Date.parse(mine.createdAt) > ASK_ADDRESS_AFTER_MS;
    const wanted = chat.me?.unverified && !chat.me.email && !this.#later && (waits || (mine && !chat.site?.open));
    if (!wanted) return this.#ask.replaceChildren();
    if (this.#ask.childElementCount > 0) return;
    const name = field(words.name, 'text', 'name');
    const email = field(words.email, 'email', 'email');
    email.querySelector('input')!.required = true;
    const save = element('button', '', words.save) as HTMLButtonElement;
    const later = textButton(words.later, () => {
      this.#later = true;
      this.render();
    });
    this.#ask.append(element('p', '', words.askAddress), name, email, save, later);
  }

  async #introduce(): Promise<void> {
    const values = new FormData(this.#ask);
    const email = String(values.get('email')).trim();
    try {
      await this.chat.introduce(String(values.get('name')).trim(), email);
      this.render();
      this.#say(this.words.saved(email));
      this.focus();
    } catch {
      this.#say(this.words.badAddress);
    }
  }
}

function element(name: string, className = '', ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function button(look: Parameters<typeof icon>[0], label: string, act: () => void): HTMLButtonElement {
  const made = element('button', 'icon', icon(look)) as HTMLButtonElement;
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}

function textButton(text: string, act: () => void): HTMLButtonElement {
  const made = element('button', 'link', text) as HTMLButtonElement;
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

function field(label: string, type: string, name: string): HTMLElement {
  const input = element('input') as HTMLInputElement;
  input.type = type;
  input.name = name;
  input.autocomplete = name as AutoFill;
  return element('label', '', label, input);
}
