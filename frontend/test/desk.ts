import { vi } from 'vitest';
import type { Bridge, Connection, Conversation, Person, SessionState } from '../src/bridge/port';
import { Desk } from '../src/state/desk.svelte';
import { Speech } from '../src/state/words.svelte';

/** A person of the team. */
export function person(id: string, name: string): Person {
  return { id, kind: 'user', name, email: `${id}@example.test` };
}

/** A connection with nothing waiting and nothing missing. */
export const connected: Connection = { state: 'connected', waiting: 0, upTo: 18_204, head: 18_204 };

/** A signed-in window over a bridge that answers as an empty cache would; `create` stands for Conversations.Create. */
export async function signedIn(people: Person[], connection = connected) {
  const create = vi.fn<Bridge['conversations']['Create']>();
  const saveDraft = vi.fn<Bridge['conversations']['SaveDraft']>().mockResolvedValue();
  const reconnect = vi.fn<Bridge['session']['Reconnect']>().mockResolvedValue();
  const session: SessionState = {
    stage: 'signed-in',
    me: people[0]!,
    profile: 'p',
    secrets: 'keyring',
    connection,
    face: 'browser',
    version: '1',
  };
  const bridge = {
    session: { Looking: async () => {}, Reconnect: reconnect, Asked: async () => null, Input: async () => {} },
    conversations: {
      List: async () => ({ items: [] as Conversation[] }),
      Counts: async () => ({}),
      Draft: async () => ({ body: '', participants: [], files: [], mentions: [], subject: '' }),
      Get: async (id: string) => Promise.reject({ code: 'not-found', message: id }),
      Messages: async () => ({ items: [], hasOlder: false, hasNewer: false }),
      SaveDraft: saveDraft,
      Create: create,
    },
    answers: { List: async () => [] },
    contacts: { List: async () => people, Chats: async () => [] },
    settings: {
      App: async () => ({ language: 'en', theme: 'system', enterSends: true }),
      Notifications: async () => ({ bubbles: 'all', sound: false, preview: true, mail: true, mailAfter: 0 }),
    },
    onEvent: () => () => {},
  } as unknown as Bridge;
  const desk = new Desk(bridge, new Speech(['en-GB']));
  await desk.enter(session);
  return { desk, create, saveDraft, reconnect };
}
