import { test as base } from '@playwright/test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from './app';
import { Program, run } from './program';

const PASSWORD = 'a long enough password';

/** A server with people in it. */
export class Team {
  #server: Program | undefined;
  #address = '';
  /** What the server is started with besides, from the next start on. */
  flags: string[] = [];

  constructor(
    readonly home: string,
    private readonly opened: (profile: string) => Promise<App>,
  ) {}

  get address(): string {
    return this.#address;
  }

  get #data(): string {
    return join(this.home, 'server');
  }

  /** Starts the server, and after a stop starts it again on the address it had. */
  async start(): Promise<void> {
    const listen = this.#address ? new URL(this.#address).host : '127.0.0.1:0';
    const args = ['serve', '--data', this.#data, '--listen', listen, ...this.flags];
    [this.#server, this.#address] = await Program.start(this.home, 'serving', ...args);
  }

  /** Kills the server in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#server?.end('SIGKILL');
    this.#server = undefined;
  }

  /** Ends the server and answers what it logged. */
  async stop(): Promise<string> {
    const log = this.#server?.log ?? '';
    await this.#server?.end();
    this.#server = undefined;
    return log;
  }

  async addUser(name: string, role: 'agent' | 'admin' = 'agent'): Promise<void> {
    const file = join(this.home, 'password');
    await writeFile(file, `${PASSWORD}\n`, { mode: 0o600 });
    const person = ['--email', email(name), '--name', name, '--role', role];
    await run(this.home, 'user', 'add', '--data', this.#data, ...person, '--password-file', file);
  }

  /** The app of somebody who was added, signed in. */
  async app(name: string): Promise<App> {
    const app = await this.opened(name.split(' ')[0]!.toLowerCase());
    await app.connect(this.address, email(name), PASSWORD);
    return app;
  }

  /** What the server itself answers somebody; it knows nothing of the apps. */
  async ask(name: string, path: string): Promise<{ items: unknown[] }> {
    const answer = await this.call(name, path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as { items: unknown[] };
  }

  /** Deletes something at the server as somebody, past the apps. */
  async remove(name: string, path: string): Promise<void> {
    const session = await this.#post('/sessions', { email: email(name), password: PASSWORD, device: 'asking' });
    const { token } = (await session.json()) as { token: string };
    const answer = await fetch(`${this.address}/api/v1${path}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }

  /** Calls the server as somebody, past the apps; with a body it is a POST. */
  async call(name: string, path: string, body?: unknown): Promise<Response> {
    const session = await this.#post('/sessions', { email: email(name), password: PASSWORD, device: 'asking' });
    const { token } = (await session.json()) as { token: string };
    const headers = { Authorization: `Bearer ${token}` };
    return body ? this.#post(path, body, headers) : fetch(`${this.address}/api/v1${path}`, { headers });
  }

  #post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.address}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }
}

function email(name: string): string {
  return `${name.split(' ')[0]!.toLowerCase()}@example.test`;
}

interface Fixtures {
  /** A folder of the test's own, gone afterwards. */
  home: string;
  /** Opens a person's app by the name of its profile; it is not signed in yet. */
  openApp: (profile: string) => Promise<App>;
  /** A running server with Ana Torres, Luis Vega and Marta Ruiz. */
  team: Team;
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern
  home: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), 'recado-e2e-'));
    await use(home);
    await rm(home, { recursive: true, force: true });
  },
  openApp: async ({ home, browser }, use, info) => {
    const apps = new Map<string, App>();
    await use(async (profile) => {
      const context = await browser.newContext({ acceptDownloads: true });
      const app = new App(home, profile, context, await context.newPage());
      apps.set(profile, app);
      await app.start();
      return app;
    });
    for (const [profile, app] of apps) {
      const log = await app.close();
      if (info.status !== info.expectedStatus) await info.attach(`${profile}.log`, { body: log });
    }
  },
  team: async ({ home, openApp }, use, info) => {
    const team = new Team(home, openApp);
    await team.start();
    for (const name of ['Ana Torres', 'Luis Vega', 'Marta Ruiz']) await team.addUser(name);
    await use(team);
    const log = await team.stop();
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: log });
  },
});

export { expect } from '@playwright/test';
