import { describe, expect, it } from 'vitest';
import type { Bridge, FileRef } from '../bridge/port';
import { Attachments } from './attachments.svelte';

const ref: FileRef = { id: 'f1', name: 'plan.txt', size: 3, type: 'text/plain' };

function attachments(begin: () => Promise<string>): Attachments {
  const conversations = { BeginFile: begin, AppendFile: async () => {}, FinishFile: async () => ref };
  return new Attachments({ conversations } as unknown as Bridge);
}

describe('Attachments', () => {
  it('holds a file from the moment it is chosen, so that what is sent waits for it', async () => {
    let begun: (id: string) => void = () => {};
    const files = attachments(() => new Promise((resolve) => (begun = resolve)));
    const added = files.add(new File(['abc'], 'plan.txt'));
    expect([files.busy, files.items.map((f) => f.name)]).toEqual([true, ['plan.txt']]);
    begun('f1');
    await added;
    expect([files.busy, files.refs]).toEqual([false, [ref]]);
  });

  it('takes out a file that could not be begun', async () => {
    const files = attachments(() => Promise.reject({ code: 'too-large', message: 'Too large.' }));
    await expect(files.add(new File(['abc'], 'plan.txt'))).rejects.toMatchObject({ code: 'too-large' });
    expect([files.busy, files.items]).toEqual([false, []]);
  });
});
