import { describe, expect, it } from 'vitest';
import { EventReader, type ServerEvent } from './events';

const STREAM =
  'data: {"epoch":"e"}\nevent: hello\n\n: a comment\ndata: {"number":1,"body":"ñ ☀"}\nevent: message.created\nid: e.1\n\n' +
  'data: one\r\ndata: two\r\n\r\nevent: head\n\ndata: cut off\nevent: message.created';

describe('EventReader', () => {
  it('gives the same events however the stream is cut', () => {
    const whole = new EventReader().take(STREAM);
    expect(whole.map((e) => [e.name, e.id, e.data])).toEqual([
      ['hello', '', '{"epoch":"e"}'],
      ['message.created', 'e.1', '{"number":1,"body":"ñ ☀"}'],
      ['', '', 'one\ntwo'],
    ]);
    for (let seed = 1; seed <= 3000; seed++) {
      let state = seed;
      const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
      const reader = new EventReader();
      const got: ServerEvent[] = [];
      for (let at = 0; at < STREAM.length;) {
        const size = 1 + Math.floor(random() * 12);
        got.push(...reader.take(STREAM.slice(at, at + size)));
        at += size;
      }
      expect(got).toEqual(whole);
    }
  });
});
