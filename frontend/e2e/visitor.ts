/** Somebody on a web site with the live chat, by the calls its widget makes. */
export class Visitor {
  #stream: AbortController | undefined;

  private constructor(
    private readonly server: string,
    private readonly token: string,
    readonly id: string,
  ) {}

  static async arrive(server: string, site: string, said: { name?: string; email?: string } = {}): Promise<Visitor> {
    const answer = await post(`${server}/chat/v1/sessions`, { site, visitor: said });
    const { token, person } = (await answer.json()) as { token: string; person: { id: string } };
    return new Visitor(server, token, person.id);
  }

  /** Opens the stream that makes them connected. */
  async connect(): Promise<void> {
    this.#stream = new AbortController();
    const answer = await fetch(`${this.server}/chat/v1/feed`, {
      headers: {
        ...this.#headers,
        Accept: 'text/event-stream',
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
        'Accept-Language': 'es-ES,es;q=0.9',
      },
      signal: this.#stream.signal,
    });
    if (!answer.ok) throw new Error(`feed: ${answer.status}`);
    // A body that nobody reads is closed.
    void answer.body!.pipeTo(new WritableStream()).catch(() => {});
  }

  leave(): void {
    this.#stream?.abort();
  }

  write(body: string): Promise<Response> {
    return post(`${this.server}/chat/v1/messages`, { key: crypto.randomUUID(), body }, this.#headers);
  }

  type(): Promise<Response> {
    return post(`${this.server}/chat/v1/typing`, {}, this.#headers);
  }

  async see(upTo: number): Promise<void> {
    await this.#put('seen', { upTo });
  }

  async browse(url: string, title: string): Promise<void> {
    await this.#put('page', { url, title });
  }

  async #put(what: string, body: unknown): Promise<void> {
    const headers = { 'Content-Type': 'application/json', ...this.#headers };
    const answer = await fetch(`${this.server}/chat/v1/${what}`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
  }

  get #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.token}` };
  }
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
