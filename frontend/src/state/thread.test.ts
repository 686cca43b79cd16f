import { describe, expect, it, vi } from 'vitest';
import type { Bridge, Conversation, Message } from '../bridge/port';
import { Thread } from './thread.svelte';

const conversation: Conversation = {
  id: 'c',
  kind: 'internal',
  subject: '',
  state: 'open',
  participants: [],
  lastAt: '2026-11-22T10:00:00.000Z',
  lastNumber: 0,
  seenUpTo: 0,
  unseen: 0,
  muted: false,
};

function fake(send: (key: string) => Promise<Message>) {
  const conversations = {
    Send: vi.fn((key: string) => send(key)),
    Seen: vi.fn(() => Promise.resolve()),
    SaveDraft: vi.fn(() => Promise.resolve()),
    Messages: vi.fn(() => Promise.resolve({ items: [], hasOlder: false, hasNewer: false })),
    Draft: vi.fn(() => Promise.resolve({ body: '', participants: [], files: [], mentions: [], subject: '' })),
    Typing: vi.fn(() => Promise.resolve()),
  };
  return { conversations, bridge: { conversations } as unknown as Bridge };
}

describe('Thread', () => {
  it('shows a message at once, and an acknowledgement that overtakes the answer stays', async () => {
    let answer: (m: Message) => void = () => {};
    const { bridge } = fake(() => new Promise((resolve) => (answer = resolve)));
    const thread = new Thread(bridge, conversation, 'me', () => undefined);
    await thread.open();
    thread.composing.body = 'hello';
    const sent = thread.send();
    const waiting = thread.messages[0]!;
    expect([waiting.state, waiting.body, thread.composing.body]).toEqual(['waiting', 'hello', '']);
    thread.apply({ ...waiting, id: 'm1', number: 1, state: 'sent' });
    answer(waiting);
    await sent;
    expect(thread.messages.map((m) => [m.rowKey, m.number, m.state])).toEqual([[waiting.rowKey, 1, 'sent']]);
  });

  it('puts the text back where it could not be kept', async () => {
    const { bridge } = fake(() => Promise.reject({ code: 'disk-full', message: 'No space left.' }));
    const thread = new Thread(bridge, conversation, 'me', () => undefined);
    thread.composing.body = 'precious';
    await expect(thread.send()).rejects.toMatchObject({ code: 'disk-full' });
    expect([thread.composing.body, thread.messages.length]).toEqual(['precious', 0]);
  });

  it('tells what was seen forward only, and many rows in one call', async () => {
    vi.useFakeTimers();
    const { bridge, conversations } = fake(() => Promise.reject(new Error('unused')));
    const thread = new Thread(bridge, { ...conversation, seenUpTo: 4 }, 'me', () => undefined);
    for (const number of [3, 5, 7, 6]) thread.viewed(number);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(conversations.Seen.mock.calls).toEqual([['c', 7]]);
  });
});
