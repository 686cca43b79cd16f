import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connected, person, signedIn } from '../../test/desk';
import Within from '../../test/Within.svelte';
import NewConversation from './NewConversation.svelte';
import StatusBar from './StatusBar.svelte';

const people = [person('ana', 'Ana Ruiz'), person('luis', 'Luis Marín'), person('priya', 'Priya Nair')];

async function writing() {
  const world = await signedIn(people);
  await world.desk.write();
  const props = { desk: world.desk, composing: world.desk.composing! };
  render(Within, { props: { speech: world.desk.speech, component: NewConversation as never, props } });
  return { ...world, user: userEvent.setup(), message: screen.getByRole('textbox', { name: 'Message' }) };
}

describe('a new conversation', () => {
  it('offers people by @, accents apart, and one mentioned becomes a participant', async () => {
    const { desk, user, message } = await writing();
    await user.type(message, 'Ask @mari');
    const options = screen.getAllByRole('option');
    expect(options.map((o) => o.textContent)).toEqual([expect.stringContaining('Luis Marín')]);
    expect(message.getAttribute('aria-activedescendant')).toBe(options[0]!.id);
    await user.keyboard('{Enter}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(message).toHaveProperty('value', 'Ask @Luis Marín ');
    expect(desk.composing!.encoded()).toEqual({ body: 'Ask <@luis|Luis Marín> ', mentions: ['luis'] });
    expect(desk.composing!.participants).toEqual(['luis']);
  });

  it('moves through the people found by arrows, and Escape closes the list alone', async () => {
    const { desk, user, message } = await writing();
    await user.type(message, '@');
    await user.keyboard('{ArrowDown}');
    expect(screen.getAllByRole('option').map((o) => o.getAttribute('aria-selected'))).toEqual(['false', 'true']);
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(desk.composing).not.toBeNull();
  });

  it('is created with everybody chosen, once', async () => {
    const { user, message, create } = await writing();
    create.mockRejectedValue({ code: 'cache-full', message: 'disk' });
    await user.type(screen.getByRole('combobox', { name: 'Add people' }), 'pri{Enter}');
    await user.type(message, 'Hello');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(create).toHaveBeenCalledExactlyOnceWith(expect.any(String), 'internal', ['priya'], '', 'Hello', [], []);
    // It could not be kept: what was typed still stands there.
    expect(message).toHaveProperty('value', 'Hello');
  });

  it('asks on Escape before it throws anything away', async () => {
    const { desk, user, message, create } = await writing();
    await user.type(message, 'Half a thought');
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Discard' }));
    expect(desk.composing).toBeNull();
    expect(create).not.toHaveBeenCalled();
  });

  it('keeps a draft when told so', async () => {
    const { desk, user, message, saveDraft } = await writing();
    await user.type(message, 'Half a thought');
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Keep draft' }));
    expect(desk.composing).toBeNull();
    expect(saveDraft).toHaveBeenLastCalledWith('new:internal', expect.objectContaining({ body: 'Half a thought' }));
  });
});

describe('the status bar', () => {
  const words = async (change: object) => {
    const world = await signedIn(people, { ...connected, ...change });
    render(StatusBar, { desk: world.desk });
    return { ...world, text: screen.getByRole('contentinfo').textContent };
  };

  it.each([
    [{}, 'Connected · you have everything up to 18,204'],
    [{ head: 18_210 }, 'Connected · 6 still to come'],
    [{ gap: true }, 'Entries are missing and are being fetched again'],
    [{ filling: 0.4 }, "Filling this computer's copy: 40 %"],
    [{ state: 'connecting' }, 'Connecting…'],
    [{ state: 'offline', waiting: 2 }, '2 in the outbox, sent when you are back'],
  ])('tells %o in words', async (change, expected) => {
    expect((await words(change)).text).toContain(expected);
  });

  it('tries the connection when asked', async () => {
    const { reconnect } = await words({ state: 'offline' });
    await userEvent.click(screen.getByRole('button', { name: 'Connect now' }));
    expect(reconnect).toHaveBeenCalledOnce();
  });
});
