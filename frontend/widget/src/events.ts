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
