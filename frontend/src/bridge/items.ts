import type { Conversation, Message } from './port';

/** `snoozedUntil` of what sleeps until somebody else writes. */
export const UNTIL_ANSWER = '9999-12-31T23:59:59.999Z';

/** A ticket or a task. Every user sees and changes all of them. */
export interface Item {
  id: string;
  /** 1, 2, 3 … in this installation. */
  number: number;
  kind: 'ticket' | 'task';
  title: string;
  description: string;
  state: 'open' | 'waiting' | 'done';
  assignee?: string;
  due?: string;
  tags: string[];
  project?: string;
  followers: string[];
  author: string;
  createdAt: string;
  changedAt: string;
  /** Mine: I am not told of what is written about it. */
  muted: boolean;
  version: number;
  /** Mine, in lists: messages about it. */
  unseen?: number;
}

export interface ItemPage {
  items: Item[];
  next?: string;
}

/** Empty strings don't ask. */
export interface ItemFilter {
  kind: '' | 'ticket' | 'task';
  /** `active`: every state but done. */
  state: '' | 'open' | 'waiting' | 'done' | 'active';
  /** An id, or `nobody`. */
  assignee: string;
  follower: string;
  tag: string;
  project: string;
  query: string;
  /** What is due until then, the soonest first. */
  dueBefore: string;
}

export interface NewItem {
  key: string;
  kind: 'ticket' | 'task';
  title: string;
  description: string;
  assignee: string;
  due: string;
  tags: string[];
  project: string;
  followers: string[];
  /** A conversation with customers of no item yet becomes the item's. */
  conversation: string;
}

/** What is left out stays; an empty assignee or due moment takes it away. */
export interface ItemPatch {
  kind?: 'ticket' | 'task';
  title?: string;
  description?: string;
  state?: 'open' | 'waiting' | 'done';
  assignee?: string;
  due?: string;
  tags?: string[];
  project?: string;
  muted?: boolean;
  /** The version that was shown: rejected with `changed-meanwhile` where somebody else changed the same since. */
  version?: number;
}

export interface ItemChange {
  version: number;
  actor: string;
  at: string;
  /** A follower, or a conversation, that came has only `to`; one that went only `from`. */
  changes: { field: string; from: string; to: string }[];
}

/** Reading is from the cache; changing needs the server, but what is written waits in the outbox. */
export interface ItemsService {
  List(filter: ItemFilter, cursor: string, limit: number): Promise<ItemPage>;
  Get(id: string): Promise<Item>;
  /** At most two: the team's first, then the one customers read. */
  Conversations(item: string): Promise<Conversation[]>;
  Create(item: NewItem): Promise<Item>;
  Change(id: string, patch: ItemPatch): Promise<Item>;
  /** Before a version, or the newest (0); newest first. */
  Changes(id: string, before: number, limit: number): Promise<ItemChange[]>;
  Follow(id: string, people: string[], history: 'all' | 'from-now'): Promise<Item>;
  Unfollow(id: string, person: string): Promise<Item>;
  Link(id: string, conversation: string): Promise<Item>;
  Unlink(id: string, conversation: string): Promise<Item>;
  Tags(beginning: string): Promise<string[]>;
  /** Through the outbox, into the item's conversation of this kind; the first message makes it. */
  Send(
    key: string,
    item: string,
    kind: 'internal' | 'customer',
    body: string,
    files: string[],
    mentions: string[],
  ): Promise<Message>;
}
