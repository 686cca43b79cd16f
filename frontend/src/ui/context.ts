import { createContext } from 'svelte';
import type { Speech } from '../state/words.svelte';

/** The words and formats of the window, for every component below the one that sets them. */
export const [getSpeech, setSpeech] = createContext<Speech>();
