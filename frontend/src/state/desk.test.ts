import { describe, expect, it, vi } from 'vitest';
import { connected, person, signedIn } from '../../test/desk';
import type { AppEvent, Conversation, Person } from '../bridge/port';
import { Desk } from './desk.svelte';
import { Speech } from './words.svelte';

const ana = person('ana', 'Ana Torres');

function conversation(id: string, seenUpTo = 0): Conversation {
  const place = { id, kind: 'internal' as const, subject: '', state: 'open' as const, participants: [] };
  return { ...place, lastAt: '2026-11-22T10:00:00.000Z', lastNumber: 3, seenUpTo, unseen: 0, muted: false };
}

/** A window that listens, and what tells it events. */
async function listening() {
  const { desk: first } = await signedIn([ana]);
  let tell: (e: AppEvent) => void = () => {};
  const { bridge } = first;
  const state = vi.fn(async () => first.session!);
  Object.assign(bridge.session, { State: state });
  bridge.onEvent = (listener) => ((tell = listener), () => {});
  const desk = new Desk(bridge, new Speech(['en-GB']));
  desk.start();
  await vi.waitFor(() => expect(desk.session?.stage).toBe('signed-in'));
  return { desk, bridge, tell: (e: AppEvent) => tell(e) };
}

describe('Desk', () => {
  it('shows the connection as last told, whatever an older answer says', async () => {
    const { desk, tell } = await listening();
    tell({ type: 'connection', connection: connected });
    await desk.enter({ ...desk.session!, connection: { ...connected, state: 'connecting' } });
    expect(desk.session?.connection.state).toBe('connected');
  });

  it('opens a conversation as it is when it changed while it was asked for', async () => {
    const { desk, bridge, tell } = await listening();
    const answers: ((c: Conversation) => void)[] = [];
    bridge.conversations.Get = () => new Promise((resolve) => answers.push(resolve));
    const opened = desk.open(conversation('c'));
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    tell({ type: 'conversation', conversation: conversation('c', 3) });
    answers[0]!(conversation('c', 1));
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]!(conversation('c', 3));
    await opened;
    expect(desk.thread?.conversation.seenUpTo).toBe(3);
  });

  it('opens the conversation clicked last, whichever is answered first', async () => {
    const { desk, bridge } = await listening();
    const answers = new Map<string, (c: Conversation) => void>();
    bridge.conversations.Get = (id) => new Promise((resolve) => answers.set(id, resolve));
    const opened = [desk.open(conversation('first')), desk.open(conversation('last'))];
    await vi.waitFor(() => expect(answers.size).toBe(2));
    answers.get('last')!(conversation('last'));
    answers.get('first')!(conversation('first'));
    await Promise.all(opened);
    expect(desk.thread?.id).toBe('last');
  });

  it('knows people it was told of while it read all of them', async () => {
    const { desk, bridge } = await listening();
    let answer: (people: Person[]) => void = () => {};
    bridge.contacts.List = () => new Promise((resolve) => (answer = resolve));
    const read = desk.people.load();
    desk.people.apply([person('dana', 'Dana Kim')]);
    answer([ana]);
    await read;
    expect(desk.people.get('dana')?.name).toBe('Dana Kim');
  });
});
