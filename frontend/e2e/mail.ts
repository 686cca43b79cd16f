import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../../build/e2e/mail-servers.sh', import.meta.url));

/** Real mail servers: exim hands what comes for recado.test to Dovecot. */
export class MailServers {
  private constructor(
    readonly dir: string,
    private readonly values: Record<string, string>,
  ) {}

  /** Starts them in a folder of their own that another user, whom they run as, may enter. */
  static async start(): Promise<MailServers> {
    const dir = await mkdtemp(join(tmpdir(), 'recado-mail-'));
    await chmod(dir, 0o755);
    const { stdout } = await promisify(execFile)(SCRIPT, ['start', dir]);
    const lines = stdout.split('\n').filter((line) => line.includes('='));
    return new MailServers(dir, Object.fromEntries(lines.map((line) => line.split('=', 2) as [string, string])));
  }

  async stop(): Promise<void> {
    await promisify(execFile)(SCRIPT, ['stop', this.dir]);
    await rm(this.dir, { recursive: true, force: true });
  }

  get smtp(): string {
    return `127.0.0.1:${this.values.EXIM_PORT}`;
  }

  imap(mailbox: string): string {
    return `imap://${mailbox}:secret@127.0.0.1:${this.values.IMAP_PORT}/INBOX`;
  }

  /** The mails in somebody's mailbox, as they lie there. */
  async mailbox(name: string): Promise<string[]> {
    const folder = join(this.values.MAIL_DIR!, name, 'new');
    const names = await readdir(folder).catch(() => []);
    return Promise.all(names.map((file) => readFile(join(folder, file), 'latin1')));
  }

  /** Sends a mail as a mail program does (RFC 5321). */
  async send(from: string, to: string, mail: string): Promise<void> {
    const socket = connect(Number(this.values.EXIM_PORT), '127.0.0.1');
    const answers = createInterface(socket)[Symbol.asyncIterator]();
    const expectAnswer = async (code: string) => {
      for (;;) {
        const { value } = (await answers.next()) as { value?: string };
        if (!value?.startsWith(code)) throw new Error(`the mail server answered ${value}, not ${code}`);
        if (value[3] !== '-') return;
      }
    };
    await expectAnswer('220');
    for (const [line, code] of [
      ['EHLO helio.example', '250'],
      [`MAIL FROM:<${from}>`, '250'],
      [`RCPT TO:<${to}>`, '250'],
      ['DATA', '354'],
      [`${mail.replace(/\r?\n/g, '\r\n')}\r\n.`, '250'],
      ['QUIT', '221'],
    ]) {
      socket.write(`${line}\r\n`, 'latin1');
      await expectAnswer(code!);
    }
    socket.end();
  }
}

/** A header field's value, unfolded. */
export function field(mail: string, name: string): string {
  const head = mail.split(/\r?\n\r?\n/, 1)[0]!.replace(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
}
