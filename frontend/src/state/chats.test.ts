import { describe, expect, it, vi } from 'vitest';
import type { Bridge, Chat } from '../bridge/port';
import { Chats } from './chats.svelte';

const marta: Chat = { person: 'marta', connected: true, page: 'https://shop.example/' };
const pablo: Chat = { person: 'pablo', connected: true };

function asking() {
  const answers: ((list: Chat[]) => void)[] = [];
  const ask = vi.fn(() => new Promise<Chat[]>((resolve) => answers.push(resolve)));
  const chats = new Chats({ contacts: { Chats: ask } } as unknown as Bridge);
  return { chats, answers, ask };
}

describe('who is in the live chat', () => {
  it('is who the answer names, with what was told since the question', async () => {
    const { chats, answers } = asking();
    const read = chats.read();
    chats.apply({ person: 'pablo', connected: false });
    chats.apply({ ...marta, page: 'https://shop.example/cart' });
    answers[0]!([marta, pablo]);
    await read;
    expect(chats.get('marta')?.page).toBe('https://shop.example/cart');
    expect(chats.get('pablo')).toBeUndefined();
  });

  it('follows those who come, move and leave', () => {
    const { chats } = asking();
    chats.apply(marta);
    chats.apply({ ...marta, title: 'Cart' });
    expect(chats.get('marta')?.title).toBe('Cart');
    chats.apply({ person: 'marta', connected: false });
    expect(chats.get('marta')).toBeUndefined();
  });

  it('drops the answer to an older question', async () => {
    const { chats, answers } = asking();
    const reads = [chats.read(), chats.read()];
    answers[1]!([pablo]);
    answers[0]!([marta]);
    await Promise.all(reads);
    expect(chats.get('pablo')).toEqual(pablo);
    expect(chats.get('marta')).toBeUndefined();
  });

  it('is nobody where nobody can be asked', async () => {
    const { chats, ask } = asking();
    chats.apply(marta);
    ask.mockRejectedValueOnce({ code: 'offline', message: '' });
    await chats.read();
    expect(chats.get('marta')).toBeUndefined();
  });
});
