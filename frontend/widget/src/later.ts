/** What comes with the first message: texts laid out, files, and the question for an address. */
import type { FileRef } from './api';
import type { Chat } from './chat';
import { button, element, textButton } from './dom';
import { icon } from './icons';
import { laterWords } from './laterwords';
import { textOf } from './text';

export const MAX_FILE = 100 * 2 ** 20;
/** Nobody answered for so long: where can the answer go? */
const ASK_ADDRESS_AFTER_MS = 30_000;

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

/** The place the rest of the chat's window has for this. */
export interface Room {
  chat: Chat;
  lang: string;
  /** Where the chosen files stand before they are sent. */
  files: HTMLElement;
  ask: HTMLElement;
  say(text: string): void;
  render(): void;
  focus(): void;
  /** Keeps the newest in view when something has grown. */
  grew(): void;
}

export class Later {
  readonly textOf = textOf;
  attached: File[] = [];
  readonly #pictures = new Map<string, string>();
  readonly #previews = new Map<File, HTMLElement>();
  #declined = false;

  constructor(private readonly room: Room) {
    room.ask.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#introduce();
    });
  }

  get #words() {
    return laterWords(this.room.lang);
  }

  attach(files: Iterable<File>): void {
    for (const file of files) {
      if (file.size > MAX_FILE) this.room.say(this.#words.tooLarge(file.name));
      else this.attached = [...this.attached, file];
    }
    this.#showAttached();
  }

  /** Hands out what was chosen, to be sent. */
  take(): File[] {
    const files = this.attached;
    this.attached = [];
    this.#showAttached();
    return files;
  }

  #showAttached(): void {
    for (const [file, row] of this.#previews) {
      if (this.attached.includes(file)) continue;
      const picture = row.querySelector('img');
      if (picture) URL.revokeObjectURL(picture.src);
      this.#previews.delete(file);
    }
    for (const file of this.attached) if (!this.#previews.has(file)) this.#previews.set(file, this.#preview(file));
    this.room.files.replaceChildren(...this.#previews.values());
    this.room.grew();
  }

  #preview(file: File): HTMLElement {
    const remove = button('close', () => {
      this.attached = this.attached.filter((other) => other !== file);
      this.#showAttached();
      this.room.focus();
    });
    remove.setAttribute('aria-label', this.#words.remove(file.name));
    const row = element('li', '', element('span', '', file.name), remove);
    if (PICTURE.test(file.type)) {
      const picture = element('img') as HTMLImageElement;
      picture.alt = '';
      picture.src = URL.createObjectURL(file);
      row.prepend(picture);
    }
    return row;
  }

  /** Why a message was not sent, where there is more to say than that. */
  refusal(status: number): string {
    return status === 413 ? this.#words.tooLarge('') : '';
  }

  /** A file of a message: a picture is shown, and either is saved when it is pressed. */
  file(f: FileRef): HTMLElement {
    const save = textButton(f.name, () => void this.#save(f));
    if (!PICTURE.test(f.type)) {
      save.prepend(icon('file'));
      return save;
    }
    const picture = element('img') as HTMLImageElement;
    picture.alt = f.name;
    picture.addEventListener('load', () => save.replaceChildren(picture));
    picture.addEventListener('load', () => this.room.grew());
    void this.#source(f.id).then(
      (source) => (picture.src = source),
      () => {}, // its name stands there, to be tried again
    );
    return save;
  }

  async #source(id: string): Promise<string> {
    const known = this.#pictures.get(id);
    if (known) return known;
    const source = URL.createObjectURL(await this.room.chat.api.file(id));
    this.#pictures.set(id, source);
    return source;
  }

  async #save(f: FileRef): Promise<void> {
    try {
      const link = element('a') as HTMLAnchorElement;
      link.href = URL.createObjectURL(await this.room.chat.api.file(f.id));
      link.download = f.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch {
      this.room.say(this.#words.noFile(f.name));
    }
  }

  /** Asks where an answer can go when nobody is there to give it. What was begun to be typed stays. */
  renderAsk(): void {
    const { chat, ask } = this.room;
    const words = this.#words;
    const mine = chat.messages.findLast((m) => m.author === chat.me?.id);
    const waits =
      mine && mine === chat.messages.at(-1) && Date.now() - Date.parse(mine.createdAt) > ASK_ADDRESS_AFTER_MS;
    const missing = chat.me?.unverified && !chat.me.email && !this.#declined;
    const begun = ask.contains(document.activeElement) || [...ask.querySelectorAll('input')].some((i) => i.value);
    if (!missing || !(waits || (mine && !chat.site?.open) || begun)) return ask.replaceChildren();
    if (ask.childElementCount > 0 && ask.lang === document.documentElement.lang) return;
    ask.lang = document.documentElement.lang;
    const email = field(words.email, 'email');
    email.querySelector('input')!.required = true;
    const later = textButton(words.later, () => {
      this.#declined = true;
      this.room.focus();
      this.room.render();
    });
    const title = element('p', '', words.askAddress);
    ask.replaceChildren(title, field(words.name, 'name'), email, element('button', '', words.save), later);
    this.room.grew();
  }

  async #introduce(): Promise<void> {
    const values = new FormData(this.room.ask as HTMLFormElement);
    const email = String(values.get('email')).trim();
    try {
      await this.room.chat.introduce(String(values.get('name')).trim(), email);
      this.room.focus();
      this.room.render();
      this.room.say(this.#words.saved(email));
    } catch (e) {
      this.room.say((e as { status?: number }).status === 422 ? this.#words.badAddress : this.#words.notSaved);
    }
  }
}

function field(label: string, name: 'name' | 'email'): HTMLElement {
  const input = element('input') as HTMLInputElement;
  input.type = name === 'email' ? 'email' : 'text';
  input.name = name;
  input.autocomplete = name;
  return element('label', '', label, input);
}
