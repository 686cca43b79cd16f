import { describe, expect, it, vi } from 'vitest';
import type { Bridge, Delivery } from '../bridge/port';
import { Ledger } from './ledger.svelte';

function delivery(message: string, state: Delivery['state'], person = 'dana'): Delivery {
  return { message, conversation: 'c', person, channel: 'email', state, at: '2026-11-23T14:00:00.000Z' };
}

function world() {
  const Deliveries = vi.fn<(id: string) => Promise<Delivery[]>>(async (id) => [delivery(id, 'sent')]);
  const kept = vi.fn(async () => [delivery('m1', 'failed'), delivery('m2', 'planned')]);
  const bridge = { conversations: { Deliveries, Ledger: kept } } as unknown as Bridge;
  return { ledger: new Ledger(bridge), Deliveries };
}

describe('a ledger', () => {
  it('asks only for what it does not know to have ended, once, one after the other', async () => {
    const { ledger, Deliveries } = world();
    await ledger.read('c', 1, 3);
    for (const id of ['m1', 'm2', 'm3', 'm2', 'm3']) ledger.want(id);
    await vi.waitFor(() => expect(ledger.of('m3')).toHaveLength(1));
    expect(Deliveries.mock.calls).toEqual([['m2'], ['m3']]);
    expect(ledger.of('m1')[0]!.state).toBe('failed');
    expect(ledger.of('m2')[0]!.state).toBe('sent');
  });

  it('keeps what was told while its question was under way', async () => {
    const { ledger, Deliveries } = world();
    let answer: (list: Delivery[]) => void = () => {};
    Deliveries.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const asked = ledger.ask('m1');
    ledger.apply(delivery('m1', 'failed'));
    answer([delivery('m1', 'planned'), delivery('m1', 'planned', 'eva')]);
    await asked;
    expect(ledger.of('m1').map((d) => `${d.person} ${d.state}`)).toEqual(['eva planned', 'dana failed']);
  });

  it('asks again what was planned for somebody who has seen it, and after a question that failed', async () => {
    const { ledger, Deliveries } = world();
    Deliveries.mockRejectedValueOnce(new Error('offline'));
    await ledger.ask('m1');
    expect(ledger.of('m1')).toEqual([]);
    ledger.want('m1');
    await vi.waitFor(() => expect(Deliveries).toHaveBeenCalledTimes(2));
    ledger.apply(delivery('m2', 'planned', 'luis'));
    ledger.seenBy('eva');
    ledger.seenBy('luis');
    await vi.waitFor(() => expect(ledger.of('m2')[0]!.state).toBe('sent'));
    expect(Deliveries).toHaveBeenCalledTimes(3);
  });
});
