import { newKey } from '../model/keys';
import { placeOf, type Desk } from './desk.svelte';

/** Forgets what was typed for a new conversation. */
export async function discardNew(desk: Desk): Promise<void> {
  await desk.attempt(async () => desk.composing?.clear());
  desk.composing = null;
}

/** Creates the conversation from what was typed and opens it. */
export async function createNew(desk: Desk): Promise<void> {
  const { composing } = desk;
  if (!composing || composing.files.busy) return;
  const { body, mentions } = composing.encoded();
  const files = composing.files.refs.map((f) => f.id);
  await desk.attempt(async () => {
    const people = [...composing.participants];
    const kind = composing.kind ?? 'internal';
    const made = await desk.bridge.conversations.Create(newKey(), kind, people, '', body, files, mentions);
    await composing.clear();
    desk.composing = null;
    await desk.list.show(placeOf(kind));
    await desk.open(made);
  });
}
