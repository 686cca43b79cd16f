import type { Identity, Page } from './protocol';

/** A file of a message, as the server tells of it. */
export interface FileRef {
  id: string;
  name: string;
  size: number;
  type: string;
}

export interface Message {
  id: string;
  conversation: string;
  number: number;
  author: string;
  body: string;
  files: FileRef[];
  createdAt: string;
  editedAt?: string;
  deletedAt?: string;
  version: number;
  /** Of one's own: the key it was sent with. */
  key?: string;
  truncated?: boolean;
}

export interface Person {
  id: string;
  kind: 'user' | 'customer';
  name: string;
  email?: string;
  unverified?: boolean;
}

export interface Site {
  name: string;
  identity: 'optional' | 'required';
  accent?: string;
  greeting: { en?: string; es?: string };
  open: boolean;
  opensAt?: string;
}

export interface Talk {
  items: Message[];
  people: Person[];
  seenUpTo: number;
  next?: string;
}

/** A refusal: the server's status and stable code. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryAfter: number,
  ) {
    super(code);
  }

  /** Whether it may pass by itself: the server is in trouble, it was too much at once, or the session has ended. */
  get passes(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 401;
  }
}

/** The server's chat, asked with a token that goes in a header, never in an address. */
export class Api {
  token = '';

  constructor(readonly site: string) {}

  async siteNow(): Promise<Site> {
    return this.#ask('GET', `/site?site=${encodeURIComponent(this.site)}`);
  }

  async begin(identity: Identity | undefined): Promise<Person> {
    const session = await this.#ask<{ token: string; person: Person }>('POST', '/sessions', {
      site: this.site,
      identity,
    });
    this.token = session.token;
    return session.person;
  }

  me = (): Promise<Person> => this.#ask('GET', '/me');
  introduce = (said: { name?: string; email?: string }): Promise<Person> => this.#ask('PUT', '/me', said);
  talk = (before = ''): Promise<Talk> => this.#ask('GET', `/messages${before && `?before=${before}`}`);
  seen = (conversation: string, upTo: number): Promise<unknown> => this.#ask('PUT', '/seen', { conversation, upTo });
  typing = (): Promise<unknown> => this.#ask('POST', '/typing');
  page = (page: Page): Promise<unknown> => this.#ask('PUT', '/page', page);
  post = (key: string, body: string, files: string[]): Promise<Message> =>
    this.#ask('POST', '/messages', { key, body, files });

  async upload(key: string, file: File): Promise<FileRef> {
    const form = new FormData();
    form.append('key', key);
    form.append('file', file);
    return this.#ask('POST', '/files', form);
  }

  /** The content of a file, to be shown or saved. */
  async file(id: string): Promise<Blob> {
    return (await this.#fetch('GET', `/files/${id}`)).blob();
  }

  /** Opens the feed after a place in it; `place` empty: from the beginning. */
  feed(place: string, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (place) headers['Last-Event-ID'] = place;
    return this.#fetch('GET', '/feed', undefined, headers, signal);
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(method, path, body);
    return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  }

  async #fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ) {
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const form = body instanceof FormData;
    if (body !== undefined && !form) headers['Content-Type'] = 'application/json';
    const response = await fetch(`/chat/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      signal: signal ?? AbortSignal.timeout(form ? 900_000 : 30_000),
    });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { type?: string };
    const code = problem.type?.split(':').pop() ?? 'internal';
    throw new Refusal(response.status, code, Number(response.headers.get('Retry-After') ?? 0));
  }
}
