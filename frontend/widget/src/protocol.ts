/** What the launcher on the company's page and the chat in its frame say to each other, over one message channel. */
export const PROTOCOL = 'recado-chat-1';

/** Who the visitor is, signed by the company's server: hex HMAC-SHA256 over `email\nname\nexpires`. */
export interface Identity {
  email: string;
  name: string;
  expires: string;
  signature: string;
}

export interface Page {
  url: string;
  title: string;
}

export type ToFrame =
  | { type: 'hello'; lang: string; page: Page; identity: Identity | undefined; open: boolean }
  | { type: 'open'; open: boolean }
  | { type: 'page'; page: Page }
  | { type: 'identity'; identity: Identity };

export type FromFrame =
  | { type: 'close' }
  /** A chat exists from now on. */
  | { type: 'begun' }
  | { type: 'unseen'; count: number }
  | { type: 'look'; accent: string; onAccent: string };
