import { describe, expect, it } from 'vitest';
import type { Delivery, Message, Participant } from '../bridge/port';
import { Format } from './format';
import { ledgerLines, ledgerSummary } from './ledger';
import { en } from './words/en';

const message = { id: 'm', number: 3, author: 'ana', createdAt: '2026-11-23T13:00:00.000Z' } as Message;
const names: Record<string, string> = { dana: 'Dana Kim', luis: 'Luis Marín', eva: 'Eva Lund' };
const reader = {
  words: en,
  format: new Format('en-GB', 'UTC'),
  nameOf: (id: string) => names[id] ?? id,
  now: Date.parse('2026-11-23T14:00:00.000Z'),
};

function mail(state: Delivery['state'], code: string, more: Partial<Delivery> = {}): Delivery {
  const at = '2026-11-23T14:02:00.000Z';
  return { message: 'm', conversation: 'c', person: 'dana', channel: 'email', state, code, at, ...more };
}

function seen(person: string, upTo: number, at?: string): Participant {
  return { person, historyFrom: 1, seenUpTo: upTo, seenAt: at };
}

const text = (participants: Participant[], ...deliveries: Delivery[]) =>
  ledgerLines(message, participants, deliveries, reader).map((l) => l.text);

describe('the ledger of a message', () => {
  it.each([
    [mail('sent', 'mailed'), 'E-mail to Dana Kim · sent 14:02'],
    [mail('sent', 'in-chat', { channel: 'chat' }), 'Dana Kim · in the live chat 14:02'],
    [mail('planned', 'customer', { dueAt: '2026-11-23T13:59:59.000Z' }), 'E-mail to Dana Kim is leaving'],
    [mail('planned', 'unseen-after', { dueAt: '2026-11-23T14:00:42.000Z' }), 'E-mail to Dana Kim leaves in 0:42'],
    [mail('planned', 'try-later', { dueAt: '2026-11-23T14:05:00.000Z' }), 'E-mail to Dana Kim tried again in 5:00'],
    [mail('planned', 'leaving', { dueAt: '2026-11-23T14:02:00.000Z' }), 'E-mail to Dana Kim is leaving'],
    [
      mail('failed', 'refused', { detail: '550 5.1.1 No such mailbox' }),
      'E-mail to Dana Kim · failed: mailbox unknown',
    ],
    [mail('failed', 'refused', { detail: '554 5.7.1 Policy' }), 'E-mail to Dana Kim · failed: refused'],
    [mail('failed', 'returned', { detail: '5.2.2 The mail came back.' }), 'E-mail to Dana Kim · failed: came back'],
    [mail('cancelled', 'muted'), 'Dana Kim · no e-mail: muted'],
  ])('says %o in one line', (delivery, expected) => {
    expect(text([], delivery)).toEqual([expected]);
  });

  it('tells the chat and the mail of one person, and once seen in the chat that alone', () => {
    const chat = mail('sent', 'in-chat', { channel: 'chat' });
    const follows = mail('planned', 'chat-unseen', { dueAt: '2026-11-23T14:00:42.000Z' });
    const both = ['Dana Kim · in the live chat 14:02', 'E-mail to Dana Kim leaves in 0:42'];
    expect(text([], follows, chat)).toEqual(both);
    expect(text([], chat, mail('cancelled', 'no-address'))).toEqual([both[0], 'Dana Kim · no e-mail: told no address']);
    const seenBoth = [mail('seen', 'seen', { channel: 'chat' }), mail('seen', 'seen')];
    expect(text([seen('dana', 3, '2026-11-23T14:03:00.000Z')], ...seenBoth)).toEqual([
      'Dana Kim · seen in the chat 14:03',
    ]);
    const lines = ledgerLines(message, [seen('luis', 3)], [follows, chat], reader);
    expect(ledgerSummary(lines, reader)).toBe('2 people · 1 leaving · 1 in the chat · 1 seen');
  });

  it('tells what was seen before what was planned, but a failure first', () => {
    expect(text([seen('luis', 3, '2026-11-23T14:03:00.000Z')], mail('cancelled', 'seen', { person: 'luis' }))).toEqual([
      'Luis Marín · seen in the app 14:03',
    ]);
    expect(text([seen('luis', 5, '2026-11-23T14:03:00.000Z')])).toEqual(['Luis Marín · seen in the app']);
    expect(text([seen('dana', 3)], mail('failed', 'refused'))).toEqual(['E-mail to Dana Kim · failed: refused']);
  });

  it('leaves out its author, and who had not come yet or has not seen it', () => {
    const late = { ...seen('eva', 9), historyFrom: 4 };
    expect(text([seen('ana', 3), seen('luis', 2), late])).toEqual([]);
  });

  it('folds several into one line, what went wrong first', () => {
    const failed = mail('failed', 'refused');
    const planned = mail('planned', 'unseen-after', { person: 'eva', dueAt: '2026-11-23T14:00:42.000Z' });
    const lines = ledgerLines(message, [seen('luis', 3)], [planned, failed], reader);
    expect(lines.map((l) => l.person)).toEqual(['dana', 'eva', 'luis']);
    expect(ledgerSummary(lines, reader)).toBe('3 people · 1 failed · 1 leaving · 1 seen');
    expect(lines.map((l) => l.delivery)).toEqual([failed, planned, undefined]);
  });

  it('counts a visitor and the customer they were found to be as one', () => {
    const isWho = (id: string) => (id === 'visitor' ? 'dana' : id);
    const chat = mail('sent', 'in-chat', { channel: 'chat', person: 'visitor' });
    const planned = mail('planned', 'chat-unseen', { dueAt: '2026-11-23T14:00:42.000Z' });
    const of = (participants: Participant[], ...ds: Delivery[]) =>
      ledgerLines(message, participants, ds, { ...reader, isWho });
    const both = [seen('dana', 0), seen('visitor', 0)];
    const waiting = of(both, chat, planned);
    expect(waiting.map((l) => l.text)).toEqual([
      'Dana Kim · in the live chat 14:02',
      'E-mail to Dana Kim leaves in 0:42',
    ]);
    expect(new Set(waiting.map((l) => l.person))).toEqual(new Set(['dana']));
    const done = of([seen('dana', 0), seen('visitor', 3)], chat, mail('seen', 'seen'));
    expect(done.map((l) => [l.person, l.state])).toEqual([['dana', 'seen']]);
    expect(of([seen('visitor', 3)], chat).map((l) => l.person)).toEqual(['visitor']);
  });
});
