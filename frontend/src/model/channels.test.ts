import { describe, expect, it } from 'vitest';
import type { Person } from '../bridge/port';
import { channelsTo } from './channels';
import { Format } from './format';
import { en } from './words/en';

const speech = { words: en, format: new Format('en-GB', 'UTC') };
const someone = (id: string, kind: Person['kind'], email: string): Person => ({ id, kind, email, name: `${id} X` });
const people = [
  someone('Luis', 'user', 'luis@x.example'),
  someone('Marta', 'customer', ''),
  someone('Dana', 'customer', 'd@x.example'),
];

describe('who will get what is being written', () => {
  it('names who is in the live chat before who gets a mail', () => {
    expect(channelsTo(people, (id) => id === 'Marta', speech)).toEqual({
      chat: 'Marta',
      rest: 'Dana by e-mail, now · Luis in the app, then e-mail',
    });
  });

  it('says who left the chat and told no address', () => {
    expect(channelsTo(people.slice(1), () => false, speech)).toEqual({
      chat: '',
      rest: 'Dana by e-mail, now · Marta when they come back: no address',
    });
  });

  it('leaves out a visitor who was found to be somebody with an address', () => {
    const found = { ...people[1]!, mergedInto: 'Dana' };
    expect(channelsTo([found, people[2]!], () => false, speech).rest).toBe('Dana by e-mail, now');
  });
});
