import type { FileRef } from '../bridge/port';
import { save } from '../bridge/save';
import type { Desk } from './desk.svelte';

/** Saves a file of a message where the person wants it. */
export async function saveFile(desk: Desk, ref: FileRef): Promise<void> {
  const ask = () => desk.bridge.conversations.SaveFile(ref.id);
  await desk.attempt(() => save(ask, `/files/${encodeURIComponent(ref.id)}`, ref.name));
}
