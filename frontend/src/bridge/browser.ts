import type { AppEvent, Bridge, CallError } from './port';

type Service = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The same Go services over loopback HTTP: the app in a browser, for machines without a display. */
export function browserBridge(): Bridge {
  const page = { asked: false };
  return {
    session: service('Session', page),
    conversations: service('Conversations', page),
    items: service('Items', page),
    answers: service('Answers', page),
    contacts: service('Contacts', page),
    search: service('Search', page),
    mail: service('Mail', page),
    settings: service('Settings', page),
    onEvent: (listener: (event: AppEvent) => void) => listen(listener, page),
  } as unknown as Bridge;
}

/** Whether this page asked anything yet: if so, what happened since must reach it. */
interface Page {
  asked: boolean;
}

/** Every method of a service is one POST; the name of the method is the last part of the address. */
function service(name: string, page: Page): Service {
  const asking = (method: string, args: unknown[]) => {
    page.asked = true;
    return call(name, method, args);
  };
  return new Proxy({} as Service, {
    get: (_, method) => (typeof method === 'string' ? (...args: unknown[]) => asking(method, args) : undefined),
  });
}

async function call(name: string, method: string, args: unknown[]): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`/rpc/${name}/${method}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
    });
  } catch {
    throw {
      code: 'app-gone',
      message: 'The app behind this page does not answer. Start it again.',
    } satisfies CallError;
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return (answer as { result?: unknown } | undefined)?.result;
  throw problem(answer, response.status);
}

function problem(answer: unknown, status: number): CallError {
  const given = answer as Partial<CallError> | undefined;
  if (given && typeof given.code === 'string' && typeof given.message === 'string') return given as CallError;
  if (status === 401) {
    return { code: 'page-expired', message: 'This page is no longer valid. Open the address the app printed.' };
  }
  return { code: 'internal', message: 'Something went wrong inside the app. Try again.' };
}

function listen(listener: (event: AppEvent) => void, page: Page): () => void {
  const source = new EventSource('/rpc/events', { withCredentials: true });
  source.onopen = () => {
    // What happened before the stream stood, or while it was cut, is not replayed: what was asked is read again instead.
    if (page.asked) listener({ type: 'refilled' });
  };
  source.onmessage = (e: MessageEvent<string>) => listener(JSON.parse(e.data) as AppEvent);
  return () => source.close();
}
