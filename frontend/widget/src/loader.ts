/**
 * What a company's page loads: the launcher, in a closed shadow root that the page's styles do not reach, and, once it is
 * opened, the chat as a frame of our origin, whose text and token the page cannot read. Nothing is asked of any server
 * before that, unless a chat exists already.
 */
import { PROTOCOL, type FromFrame, type Identity, type ToFrame } from './protocol';
import { launcherStyles } from './launcher.css';
import { icon } from './icons';
import { launcherWords } from './launcherwords';

interface Api {
  open(): void;
  close(): void;
  identify(identity: Identity): void;
}

declare global {
  interface Window {
    recado?: Partial<Api> & { identity?: Identity };
  }
}

/** Set on the host's page, without anything in it: a chat was begun, so its frame is made at once. */
const BEGUN = 'recado-chat';

class Launcher {
  readonly #origin: string;
  readonly #site: string;
  readonly #lang: string;
  readonly #host = document.createElement('div');
  readonly #root: ShadowRoot;
  readonly #button: HTMLButtonElement;
  readonly #badge: HTMLSpanElement;
  readonly #panel: HTMLDivElement;
  #frame: HTMLIFrameElement | undefined;
  #port: MessagePort | undefined;
  #identity: Identity | undefined;
  #open = false;
  #unseen = 0;

  constructor(script: HTMLScriptElement) {
    this.#origin = new URL(script.src).origin;
    this.#site = script.dataset.site ?? '';
    this.#lang = script.dataset.lang || document.documentElement.lang || navigator.language;
    this.#identity = identityOf(script) ?? window.recado?.identity;
    this.#root = this.#host.attachShadow({ mode: 'closed' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(launcherStyles);
    this.#root.adoptedStyleSheets = [sheet];
    this.#button = document.createElement('button');
    this.#button.type = 'button';
    this.#button.className = 'launcher';
    this.#badge = document.createElement('span');
    this.#badge.className = 'badge';
    this.#badge.hidden = true;
    this.#button.append(icon('chat'), this.#badge);
    this.#panel = document.createElement('div');
    this.#panel.className = 'panel';
    this.#panel.hidden = true;
    this.#root.append(this.#panel, this.#button);
    this.#name();
    this.#button.addEventListener('click', () => this.toggle(!this.#open));
    document.body.append(this.#host);
    if (flag()) this.#makeFrame();
  }

  identify(identity: Identity): void {
    this.#identity = identity;
    this.#say({ type: 'identity', identity });
  }

  toggle(open: boolean): void {
    if (open) this.#makeFrame();
    this.#open = open;
    this.#panel.hidden = !open;
    this.#name();
    this.#button.classList.toggle('open', open);
    this.#say({ type: 'open', open });
    if (open) this.#frame?.focus();
    else this.#button.focus();
  }

  /** What a screen reader says of the button. */
  #name(): void {
    const words = launcherWords(this.#lang);
    this.#button.setAttribute('aria-expanded', String(this.#open));
    this.#button.setAttribute('aria-label', this.#open ? words.close : words.open(this.#unseen));
  }

  #makeFrame(): void {
    if (this.#frame) return;
    const frame = document.createElement('iframe');
    frame.title = launcherWords(this.#lang).chat;
    frame.src = `${this.#origin}/chat/frame?site=${encodeURIComponent(this.#site)}`;
    frame.addEventListener('load', () => this.#connect(frame));
    this.#frame = frame;
    this.#panel.append(frame);
  }

  /** Hands the frame, and nobody else, one end of a channel. */
  #connect(frame: HTMLIFrameElement): void {
    const { port1, port2 } = new MessageChannel();
    this.#port?.close();
    this.#port = port1;
    port1.onmessage = (e: MessageEvent<FromFrame>) => this.#heard(e.data);
    frame.contentWindow?.postMessage(PROTOCOL, this.#origin, [port2]);
    this.#say({ type: 'hello', lang: this.#lang, page: pageNow(), identity: this.#identity, open: this.#open });
  }

  #heard(said: FromFrame): void {
    switch (said.type) {
      case 'close':
        return this.toggle(false);
      case 'begun':
        return begin();
      case 'unseen':
        this.#unseen = said.count;
        this.#badge.hidden = said.count === 0;
        this.#badge.textContent = said.count > 9 ? '9+' : String(said.count);
        return this.#name();
      case 'look':
        this.#host.style.setProperty('--recado-accent', said.accent);
        this.#host.style.setProperty('--recado-on-accent', said.onAccent);
    }
  }

  #say(message: ToFrame): void {
    this.#port?.postMessage(message);
  }

  /** Agents see on which page a visitor is; a page without full loads changes its address by itself. */
  watchPage(): void {
    let last = location.href;
    const look = () => {
      if (location.href === last) return;
      last = location.href;
      this.#say({ type: 'page', page: pageNow() });
    };
    addEventListener('popstate', look);
    document.addEventListener('click', () => setTimeout(look, 500), { capture: true, passive: true });
  }
}

function pageNow(): { url: string; title: string } {
  // What stands behind ? and # may be secret.
  return { url: location.origin + location.pathname, title: document.title.slice(0, 200) };
}

function identityOf(script: HTMLScriptElement): Identity | undefined {
  const { email, name, expires, signature } = script.dataset;
  return email && expires && signature ? { email, name: name ?? '', expires, signature } : undefined;
}

function flag(): boolean {
  try {
    return localStorage.getItem(BEGUN) === '1';
  } catch {
    return false;
  }
}

function begin(): void {
  try {
    localStorage.setItem(BEGUN, '1');
  } catch {
    // A page without storage opens its chat by the button.
  }
}

function start(script: HTMLScriptElement): void {
  const launcher = new Launcher(script);
  launcher.watchPage();
  window.recado = {
    open: () => launcher.toggle(true),
    close: () => launcher.toggle(false),
    identify: (identity) => launcher.identify(identity),
  };
}

const script = document.currentScript as HTMLScriptElement | null;
if (script?.dataset.site) {
  if (document.body) start(script);
  else addEventListener('DOMContentLoaded', () => start(script), { once: true });
}
