import { describe, expect, it, vi } from 'vitest';
import type { Conversation, Draft, Message } from '../bridge/port';
import { person, signedIn } from '../../test/desk';
import { stays, undoLast } from './undo';

const at = Date.parse('2026-11-23T10:00:00.000Z');
const waiting: Message = {
  rowKey: 'k1',
  id: '',
  conversation: 'c',
  number: 0,
  author: 'ana',
  body: 'Hello',
  files: [],
  mentions: [],
  createdAt: '2026-11-23T10:00:00.000Z',
  state: 'waiting',
  leavesAt: '2026-11-23T10:00:10.000Z',
};
const conversation = {
  id: 'c',
  kind: 'customer',
  subject: '',
  state: 'open',
  participants: [],
  lastAt: '',
  lastNumber: 0,
  seenUpTo: 0,
  unseen: 0,
  muted: false,
} satisfies Conversation;

describe('stays', () => {
  it('counts whole seconds down to the moment it leaves', () => {
    expect([0, 1, 9_001, 10_000, 20_000].map((passed) => stays(waiting, at + passed))).toEqual([10, 10, 1, 0, 0]);
  });

  it('is over for what has left, and for what leaves at once', () => {
    expect(stays({ ...waiting, state: 'sent', number: 1 }, at)).toBe(0);
    expect(stays({ ...waiting, leavesAt: undefined }, at)).toBe(0);
  });
});

describe('undoLast', () => {
  async function opened(id: string, undo: () => Promise<Draft>) {
    const { desk } = await signedIn([person('ana', 'Ana Ruiz')]);
    const leavesAt = new Date(Date.now() + 10_000).toISOString();
    const items = [{ ...waiting, conversation: id, leavesAt }];
    Object.assign(desk.bridge.conversations, {
      Get: async () => ({ ...conversation, id }),
      Messages: async () => ({ items, hasOlder: false, hasNewer: false }),
      Ledger: async () => [],
      Undo: undo,
    });
    await desk.open({ ...conversation, id });
    return desk;
  }
  const draft: Draft = { body: 'Hello', participants: ['dana'], files: [], mentions: [], subject: '' };

  it('puts what was typed into the composer again', async () => {
    const desk = await opened('c', async () => draft);
    expect(undoLast(desk)).toBe(true);
    await vi.waitFor(() => expect(desk.thread!.composing.body).toBe('Hello'));
    expect(desk.thread!.messages).toEqual([]);
    expect(undoLast(desk)).toBe(false);
  });

  it('opens the page of a new conversation again where it was not yet made', async () => {
    const desk = await opened('new:k1', async () => draft);
    undoLast(desk);
    await vi.waitFor(() => expect(desk.composing?.body).toBe('Hello'));
    expect([desk.thread, desk.composing!.participants, desk.composing!.target]).toEqual([
      null,
      ['dana'],
      'new:customer',
    ]);
  });

  it('says so when it is too late, and the conversation stays open', async () => {
    const desk = await opened('new:k1', () => Promise.reject({ code: 'left', message: 'It is too late.' }));
    undoLast(desk);
    await vi.waitFor(() => expect(desk.notice).toBe('It is too late.'));
    expect(desk.thread?.id).toBe('new:k1');
  });
});
