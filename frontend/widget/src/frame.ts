/** The chat in its frame. The page around it says only what the launcher may: open, language, page, and a signed identity. */
import './frame.css';
import { Chat } from './chat';
import { PROTOCOL, type FromFrame, type ToFrame } from './protocol';
import { View } from './view';

const site = new URLSearchParams(location.search).get('site') ?? '';
let port: MessagePort | undefined;
let told = -1;
let looked = false;

const chat = new Chat(site, () => {
  view?.render();
  if (!looked && chat.site) look();
  if (chat.begun) say({ type: 'begun' });
  const unseen = view?.shown ? 0 : chat.unseen;
  if (unseen !== told) say({ type: 'unseen', count: (told = unseen) });
});
const view = new View(chat, () => say({ type: 'close' }));

function say(message: FromFrame): void {
  port?.postMessage(message);
}

function hear(said: ToFrame): void {
  switch (said.type) {
    case 'hello':
      view.speakIn(said.lang);
      open(said.open);
      chat.tellPage(said.page);
      void chat.live(said.identity);
      return;
    case 'open':
      return open(said.open);
    case 'page':
      return chat.tellPage(said.page);
    case 'identity':
      chat.identify(said.identity);
  }
}

function open(shown: boolean): void {
  view.shown = shown;
  view.render();
  if (shown) view.focus();
}

/** Puts on the site's colour. */
function look(): void {
  looked = true;
  const accent = chat.site!.accent;
  if (!accent) return;
  const onAccent = light(accent) ? '#1a1b1e' : '#ffffff';
  document.documentElement.style.setProperty('--accent', accent);
  document.documentElement.style.setProperty('--on-accent', onAccent);
  say({ type: 'look', accent, onAccent });
}

/** Whether dark text is easier to see on a colour (WCAG 2.2, relative luminance). */
function light(colour: string): boolean {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b! > 0.179;
}

addEventListener('message', (e: MessageEvent) => {
  // Only the page around the frame may hand over a channel, and only once.
  if (e.source !== parent || e.data !== PROTOCOL || !e.ports[0] || port) return;
  port = e.ports[0];
  port.onmessage = (m: MessageEvent<ToFrame>) => hear(m.data);
});
addEventListener('keydown', (e) => {
  if (e.key === 'Escape' && !e.isComposing) say({ type: 'close' });
});
addEventListener('beforeunload', (e) => {
  if (chat.outbox.waiting.some((w) => w.uploads?.length && !w.failed)) e.preventDefault(); // a file is on its way
});
document.addEventListener('visibilitychange', () => {
  view.render();
  if (document.visibilityState === 'visible') chat.tellPage(); // of several tabs, the one in view tells where one is
});
