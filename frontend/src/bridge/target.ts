import type { View } from './port';

/** What the window is asked to show from outside: by a link, a bubble, the tray. */
export interface Target {
  conversation?: string;
  number?: number;
  view?: View;
  write?: boolean;
}
