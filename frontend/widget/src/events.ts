import type { Api } from './api';

/** A server-sent event as it came (WHATWG HTML, 9.2). */
export interface ServerEvent {
  name: string;
  data: string;
  id: string;
}

/** Puts events together from text that is cut anywhere. */
export class EventReader {
  #rest = '';
  #name = '';
  #data: string[] = [];
  #id = '';

  /** Takes what came, and gives the events that are whole with it. */
  take(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line.replace(/\r$/, ''), events);
    return events;
  }

  #line(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ name: this.#name, data: this.#data.join('\n'), id: this.#id });
      this.#name = this.#id = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
  }
}

/** Nothing for so long, not even a heartbeat: the connection is dead, whatever it looks like. */
const WATCHDOG_MS = 45_000;

/** The feed's events after a place in it, until it ends; `met` is called when the server has answered. */
export async function* follow(api: Api, place: string, called: AbortSignal, met: () => void) {
  const stop = new AbortController();
  const end = () => stop.abort();
  called.addEventListener('abort', end);
  let dog = setTimeout(end, WATCHDOG_MS);
  try {
    const body = (await api.feed(place, stop.signal)).body!.getReader();
    met();
    const reader = new EventReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      clearTimeout(dog);
      dog = setTimeout(end, WATCHDOG_MS);
      for (const event of reader.take(decoder.decode(value, { stream: true }))) {
        if (called.aborted) return;
        yield event;
      }
    }
  } finally {
    clearTimeout(dog);
    called.removeEventListener('abort', end);
    end();
  }
}
