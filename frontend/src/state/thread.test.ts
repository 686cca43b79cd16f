import { describe, expect, it, vi } from 'vitest';
import type { Bridge, Conversation, Delivery, Message, MessagePage } from '../bridge/port';
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

const planned: Delivery = {
  message: 'm1',
  conversation: 'c',
  person: 'dana',
  channel: 'email',
  state: 'planned',
  at: '2026-11-22T10:00:00.000Z',
};

function message(number: number, body: string): Message {
  const place = { rowKey: `k${number}`, id: `m${number}`, conversation: 'c', number, author: 'luis' };
  return { ...place, body, files: [], mentions: [], createdAt: '2026-11-22T10:00:00.000Z', state: 'sent' };
}

function fake(send: (key: string) => Promise<Message>) {
  const conversations = {
    Send: vi.fn((key: string) => send(key)),
    Seen: vi.fn(() => Promise.resolve()),
    SaveDraft: vi.fn(() => Promise.resolve()),
    Messages: vi.fn((): Promise<MessagePage> => Promise.resolve({ items: [], hasOlder: false, hasNewer: false })),
    Deliveries: vi.fn((): Promise<Delivery[]> => Promise.resolve([])),
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

  it('keeps what is told while the answer that does not hold it is on its way', async () => {
    let answer: (page: MessagePage) => void = () => {};
    const { bridge, conversations } = fake(() => Promise.reject(new Error('unused')));
    conversations.Messages.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const thread = new Thread(bridge, conversation, 'me', () => undefined);
    const opened = thread.open();
    thread.apply(message(1, 'edited'));
    thread.apply(message(2, 'came meanwhile'));
    answer({ items: [message(1, 'as it was')], hasOlder: false, hasNewer: false });
    await opened;
    expect(thread.messages.map((m) => m.body)).toEqual(['edited', 'came meanwhile']);
  });

  it('does not bring back what was taken out while the answer was on its way', async () => {
    let answer: (page: MessagePage) => void = () => {};
    const { bridge, conversations } = fake(() => Promise.reject(new Error('unused')));
    conversations.Messages.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const thread = new Thread(bridge, conversation, 'me', () => undefined);
    const opened = thread.open();
    thread.gone('k1');
    answer({ items: [message(1, 'taken out')], hasOlder: false, hasNewer: false });
    await opened;
    expect(thread.messages).toEqual([]);
  });

  it('shows what became of a message as last told, not as an older answer has it', async () => {
    let answer: (list: Delivery[]) => void = () => {};
    const { bridge, conversations } = fake(() => Promise.reject(new Error('unused')));
    conversations.Deliveries.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const thread = new Thread(bridge, conversation, 'me', () => undefined);
    thread.apply({ ...message(1, 'hello'), author: 'me' });
    const followed = thread.follow();
    const sent: Delivery = { ...planned, state: 'sent' };
    thread.applyDelivery(sent);
    answer([planned]);
    await followed;
    expect(thread.deliveries).toEqual([sent]);
  });

  it('tells what others wrote since a message was begun, and not what the writer has looked at', async () => {
    const { bridge } = fake((key) => Promise.resolve({ ...message(3, 'mine'), rowKey: key }));
    const thread = new Thread(bridge, conversation, 'me', () => undefined);
    await thread.open();
    thread.apply(message(1, 'before'));
    expect(thread.crossed).toEqual([]);
    thread.composing.body = 'I am';
    thread.composing.changed();
    thread.apply(message(2, 'meanwhile'));
    thread.apply({ ...message(3, 'from elsewhere'), author: 'me' });
    expect(thread.crossed.map((m) => m.body)).toEqual(['meanwhile']);
    thread.looked();
    expect(thread.crossed).toEqual([]);
    thread.composing.body = '';
    thread.composing.changed();
    thread.apply(message(4, 'to an empty field'));
    expect(thread.crossed).toEqual([]);
  });
});
