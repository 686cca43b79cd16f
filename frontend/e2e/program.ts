import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The built program; `make build` makes it. */
const RECADO = fileURLToPath(new URL('../../build/bin/recado', import.meta.url));
const START_WITHIN_MS = 60_000;

/**
 * What the program gets of this process's environment: no settings of the person running the tests, no key ring and
 * no bubbles on their desktop.
 */
function environment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: `${home}/config`,
    XDG_CACHE_HOME: `${home}/cache`,
    LANG: 'en_GB.UTF-8',
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${home}/no-bus`,
  };
}

/** Runs a command of the program to its end, and answers what it printed. */
export async function run(home: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(RECADO, args, { env: environment(home) });
  return stdout;
}

/** A running `recado serve` or `recado browser`. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  /** Everything it wrote to stderr. */
  log = '';

  private constructor(home: string, args: string[]) {
    this.#child = spawn(RECADO, args, { env: environment(home), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr!.on('data', (text: Buffer) => (this.log += text.toString()));
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  /** Starts it and waits for its line `recado: WORD ADDRESS`; answers the address with it. */
  static async start(home: string, word: string, ...args: string[]): Promise<[Program, string]> {
    const program = new Program(home, args);
    const address = new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no address: ${program.log}`)), START_WITHIN_MS);
      void program.#ended.then(() => reject(new Error(`${args.join(' ')} ended: ${program.log}`)));
      createInterface(program.#child.stdout!).on('line', (line) => {
        if (!line.startsWith(`recado: ${word} `)) return;
        clearTimeout(late);
        resolve(line.slice(`recado: ${word} `.length));
      });
    });
    try {
      return [program, await address];
    } catch (e) {
      await program.end('SIGKILL');
      throw e;
    }
  }

  /** Ends it, cleanly or as a crash would, and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}
