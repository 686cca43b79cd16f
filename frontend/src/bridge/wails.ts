import type { AppEvent, Bridge, CallError } from './port';

type Bound = Record<string, (...args: unknown[]) => Promise<unknown>>;

interface WailsWindow {
  go?: { bind?: Record<string, Bound | undefined> };
  runtime?: { EventsOn(name: string, callback: (event: AppEvent) => void): () => void };
}

const shell = () => window as unknown as WailsWindow;

/** Whether this page stands in the native window, with the Go services bound. */
export function hasWails(): boolean {
  return shell().go?.bind !== undefined && shell().runtime !== undefined;
}

/** The Go services as bound by the native window. */
export function wailsBridge(): Bridge {
  return {
    session: service('Session'),
    conversations: service('Conversations'),
    items: service('Items'),
    answers: service('Answers'),
    contacts: service('Contacts'),
    search: service('Search'),
    mail: service('Mail'),
    settings: service('Settings'),
    onEvent: (listener: (event: AppEvent) => void) => shell().runtime!.EventsOn('recado', listener),
  } as unknown as Bridge;
}

function service(name: string): Bound {
  return new Proxy({} as Bound, {
    get: (_, method) => (typeof method === 'string' ? (...args: unknown[]) => call(name, method, args) : undefined),
  });
}

async function call(name: string, method: string, args: unknown[]): Promise<unknown> {
  const bound = shell().go?.bind?.[name]?.[method];
  if (!bound) throw { code: 'internal', message: `The app does not offer ${name}.${method}.` } satisfies CallError;
  try {
    return await bound(...args);
  } catch (e) {
    throw problem(e);
  }
}

/** Wails rejects with whatever its error formatter made: an object, or its JSON, or plain text. */
function problem(e: unknown): CallError {
  if (typeof e === 'object' && e !== null && 'code' in e) return e as CallError;
  try {
    const parsed = JSON.parse(String(e)) as CallError;
    if (typeof parsed.code === 'string') return parsed;
  } catch {
    // Plain text: a message for a person.
  }
  return { code: 'internal', message: String(e) };
}
