import { describe, expect, it, vi } from 'vitest';
import { person, signedIn } from '../../test/desk';
import type { Conversation, Target } from '../bridge/port';
import { showAsked } from './asked';

const conversation: Conversation = {
  id: 'c',
  kind: 'internal',
  subject: '',
  state: 'open',
  participants: [],
  lastAt: '2026-11-22T10:00:00.000Z',
  lastNumber: 9,
  seenUpTo: 9,
  unseen: 0,
  muted: false,
};

async function asked(target: Target | null) {
  const { desk } = await signedIn([person('ana', 'Ana Torres')]);
  desk.bridge.session.Asked = vi.fn().mockResolvedValueOnce(target);
  desk.bridge.conversations.Get = vi.fn(async (id: string) =>
    id === 'c' ? conversation : Promise.reject({ code: 'not-found', message: id }),
  );
  return desk;
}

describe('What is asked for from outside', () => {
  it('is a conversation at a message', async () => {
    const desk = await asked({ conversation: 'c', number: 7 });
    desk.overlay = 'settings';
    await showAsked(desk);
    expect(desk.thread?.id).toBe('c');
    expect(desk.target).toBe(7);
    expect(desk.overlay).toBeNull();
  });

  it('is told where it is not here', async () => {
    const desk = await asked({ conversation: 'unknown' });
    await showAsked(desk);
    expect(desk.thread).toBeNull();
    expect(desk.notice).toBe(desk.speech.words.linkUnknown);
  });

  it('is a new conversation, or a view', async () => {
    const writing = await asked({ write: true });
    await showAsked(writing);
    expect(writing.composing?.kind).toBe('internal');
    const looking = await asked({ view: 'unread' });
    await showAsked(looking);
    expect(looking.place).toBe('unread');
  });

  it('waits until somebody is signed in', async () => {
    const desk = await asked({ conversation: 'c' });
    desk.session = { ...desk.session!, stage: 'sign-in' };
    await showAsked(desk);
    expect(desk.bridge.session.Asked).not.toHaveBeenCalled();
  });
});
