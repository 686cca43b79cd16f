import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import { Program } from './program';

export type View =
  'Internal inbox' | 'Internal sent' | 'Open conversations' | 'Closed' | 'Mentions' | 'Drafts' | 'Contacts';

/** One person's app in a browser, and what that person does in it. */
export class App {
  #program: Program | undefined;

  constructor(
    private readonly home: string,
    private readonly profile: string,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  /** Starts the app, or starts it again on the same profile. */
  async start(): Promise<void> {
    const data = ['--data', `${this.home}/apps`, '--profile', this.profile];
    const [program, address] = await Program.start(this.home, 'open', 'browser', '--no-open', ...data);
    this.#program = program;
    await this.page.goto(address);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#program?.end(signal);
    this.#program = undefined;
  }

  /** Ends the app and its page; what it logged is for the report of a test that failed. */
  async close(): Promise<string> {
    const log = this.#program?.log ?? '';
    await this.context.close();
    await this.stop();
    return log;
  }

  async connect(server: string, email: string, password: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Connect to a server' }).click();
    await this.page.getByLabel('Server address').fill(server);
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(this.status).toContainText('Connected');
    await this.undoFor(0);
  }

  /** For how many seconds what is sent to customers can be undone. Most tests look at what comes after. */
  async undoFor(seconds: number): Promise<void> {
    await this.page.evaluate(async (undoCustomers) => {
      const call = (method: string, ...args: unknown[]) =>
        fetch(`/rpc/Settings/${method}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(args),
        }).then((answer) => answer.json() as Promise<{ result: object }>);
      await call('SetApp', { ...(await call('App')).result, undoCustomers });
    }, seconds);
  }

  /** Presses Connect now; does nothing where the app has found the server by itself before that. */
  async reconnect(): Promise<void> {
    const button = this.page.getByRole('button', { name: 'Connect now' });
    await button.click({ timeout: 2_000 }).catch(async (e: unknown) => {
      if (await button.isVisible()) throw e;
    });
  }

  /** The first words of the status bar. */
  get status(): Locator {
    return this.page.getByRole('contentinfo').getByRole('status');
  }

  get statusBar(): Locator {
    return this.page.getByRole('contentinfo');
  }

  get list(): Locator {
    return this.page.getByRole('list', { name: 'Conversations' });
  }

  get messages(): Locator {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get create(): Locator {
    return this.page.getByRole('button', { name: 'Create new conversation' });
  }

  /** The row of a conversation in the list, by any text in it. */
  row(text: string): Locator {
    return this.list.getByRole('listitem').filter({ hasText: text });
  }

  message(text: string): Locator {
    return this.messages.getByRole('article').filter({ hasText: text });
  }

  async go(view: View): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('button', { name: new RegExp(`^${view}`) })
      .click();
    await expect(this.page.getByRole('heading', { level: 1, name: view })).toBeVisible();
  }

  /** Add → Conversation with user. */
  async write(): Promise<void> {
    await this.page.getByRole('button', { name: 'Add', exact: true }).click();
    await this.page.getByRole('menuitem', { name: 'Conversation with user' }).click();
    await expect(this.page.getByRole('heading', { name: 'New conversation' })).toBeVisible();
  }

  /** Types into Add people and takes the person found. */
  async addPerson(typed: string, name: string): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Add people' }).pressSequentially(typed);
    await this.page.getByRole('option', { name }).click();
    await expect(this.page.getByRole('button', { name: `Remove ${name}` })).toBeVisible();
  }

  /** Writes a new conversation to people, by name, and sends it. */
  async createConversation(body: string, ...people: string[]): Promise<void> {
    await this.write();
    for (const name of people) await this.addPerson(name, name);
    await this.composer.fill(body);
    await this.create.click();
    await expect(this.message(body)).toBeVisible();
  }

  /** Opens the conversation whose row has that text, from a view. */
  async open(view: View, text: string): Promise<void> {
    await this.go(view);
    await this.row(text).getByRole('button').click();
    await expect(this.messages).toBeVisible();
  }

  async send(body: string): Promise<void> {
    await this.composer.fill(body);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(this.composer).toHaveValue('');
  }

  /** Opens the search and types; the answers are its options. */
  async search(query: string): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Search' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Search' });
    await dialog.getByRole('combobox', { name: 'Search' }).fill(query);
    return dialog.getByRole('option');
  }

  async closeDialog(): Promise<void> {
    await this.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
  }
}
