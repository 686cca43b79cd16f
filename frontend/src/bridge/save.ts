import { callError } from './index';

/** Saves something where the person says; in a browser, which refuses that, as it saves what it is given a link to. */
export async function save(ask: () => Promise<void>, link: string, name: string): Promise<void> {
  try {
    await ask();
  } catch (e) {
    if (callError(e).code !== 'use-link') throw e;
    const anchor = document.createElement('a');
    anchor.href = link;
    anchor.download = name;
    anchor.click();
  }
}
