/**
 * The port between the window and the Go services behind it: what `app/desktop/bind` offers, in types.
 * Two implementations: `wails.ts` (the native window) and `browser.ts` (the same services over loopback HTTP).
 * Times are UTC ISO strings with milliseconds; ids are UUIDv7 strings.
 */
import type { Target } from './target';
export type { Target };

import type { Mail, MailMark, MailService, Recipient, Why } from './mail';

export type * from './mail';

import type { Chat, Site, SitePatch } from './chat';

export type * from './chat';

import type { Connection, Device, SessionState } from './session';

export type * from './session';

import type { AppSettings, NotificationSettings } from './settings';

export type * from './settings';

import type { AnswersService } from './answers';

export type * from './answers';

import type { Item, ItemsService } from './items';

export type * from './items';

/** What a rejected call carries. `code` is stable (the server's problem name, or one of ours); `message` is for a person. */
export interface CallError {
  code: string;
  message: string;
  fields?: { location: string; message: string }[];
}

export type Kind = 'user' | 'customer';

export interface Person {
  id: string;
  kind: Kind;
  name: string;
  email: string;
  organisation?: string;
  role?: 'agent' | 'admin';
  disabled?: boolean;
  /** Last told presence; empty when not known. */
  presence?: 'here' | 'away' | '';
  /** A visitor of the live chat, who says who they are; nothing proves it. */
  unverified?: boolean;
  /** The customer whom an agent found this visitor to be. */
  mergedInto?: string;
}

export interface FileRef {
  id: string;
  name: string;
  size: number;
  type: string;
  /** An image that may be shown inline from `/files/{id}`. */
  image?: boolean;
}

/** A message as shown: acknowledged (number > 0), or waiting in the outbox (number 0). */
export interface Message {
  /** Row identity that does not change when the server acknowledges: the client's key where it was written here, else the id. */
  rowKey: string;
  /** Empty while it waits in the outbox. */
  id: string;
  conversation: string;
  number: number;
  author: string;
  body: string;
  files: FileRef[];
  mentions: string[];
  createdAt: string;
  editedAt?: string;
  deletedAt?: string;
  /** sent: acknowledged. waiting: in the outbox. failed: refused for good, with `problem`. held: waits for a decision because the audience changed. */
  state: 'sent' | 'waiting' | 'failed' | 'held';
  problem?: string;
  /** Until when it stays in the outbox, and can be undone. */
  leavesAt?: string;
  /** There where it came by mail. */
  mail?: MailMark;
}

export interface Participant {
  person: string;
  historyFrom: number;
  seenUpTo: number;
  seenAt?: string;
}

export interface Conversation {
  /** The server's id; for one not yet at the server `new:` and its key, replaced by an event `moved`. */
  id: string;
  kind: 'internal' | 'customer';
  subject: string;
  state: 'open' | 'closed';
  participants: Participant[];
  /** Newest message, for the list. */
  lastMessage?: Message;
  lastAt: string;
  lastNumber: number;
  /** Mine. */
  seenUpTo: number;
  unseen: number;
  muted: boolean;
  /** The last that was sent to somebody in it did not arrive. */
  undelivered?: boolean;
  /** Something typed and not sent here. */
  draft?: string;
  /** The ticket or task it belongs to, and who looks after it. */
  item?: string;
  about?: { kind: Item['kind']; number: number; title: string };
  assignee?: string;
  /** When it wakes for me; UNTIL_ANSWER where only an answer wakes it. It may have passed: then it is awake. */
  snoozedUntil?: string;
  /** When a customer wrote who has had no answer since. */
  waitingSince?: string;
  /** The conversation this one leads to; the message it began with a copy of. */
  mergedInto?: string;
  splitFrom?: string;
}

export type View = 'internal-inbox' | 'internal-sent' | 'open' | 'closed' | 'unread' | 'mentions' | 'drafts' | 'mine' | 'unassigned' | 'snoozed' | 'waiting';

export interface ConversationPage {
  items: Conversation[];
  next?: string;
}

export interface MessagePage {
  /** Ascending; those waiting in the outbox stand at the end of the newest page. */
  items: Message[];
  hasOlder: boolean;
  hasNewer: boolean;
}

/** What became of a message for one recipient on one channel, and what will. */
export interface Delivery {
  message: string;
  conversation: string;
  person: string;
  channel: 'app' | 'chat' | 'email' | 'push';
  state: 'planned' | 'sent' | 'seen' | 'cancelled' | 'failed' | 'held';
  dueAt?: string;
  at: string;
  /** Why it is so; `reason` says it in the server's words. */
  code?: string;
  reason?: string;
  detail?: string;
}

export interface Draft {
  body: string;
  participants: string[];
  files: FileRef[];
  mentions: string[];
  subject: string;
}

export interface SearchHit {
  message: Message;
  conversation: Conversation;
  /** Matches in `message.body`, as [from, to) in Unicode code points. */
  ranges: [number, number][];
}

export interface SessionService {
  State(): Promise<SessionState>;
  /** First start: an embedded server on this computer, and its first user (an admin). */
  StartHere(name: string, email: string, password: string): Promise<SessionState>;
  Connect(url: string, email: string, password: string): Promise<SessionState>;
  /** `link` as printed or mailed: PUBLIC_URL/invite#TOKEN. */
  AcceptInvitation(link: string, password: string): Promise<SessionState>;
  /** Ends the session and removes the cache; refused with code `unsent` while the outbox is not empty, unless discard. */
  SignOut(discardUnsent: boolean): Promise<SessionState>;
  ChangePassword(old: string, next: string): Promise<void>;
  Devices(): Promise<Device[]>;
  EndDevice(id: string): Promise<void>;
  /** There was input; told twice a minute at most. */
  Input(): Promise<void>;
  /** The conversation shown ('' for none), and whether the person looks at it: focus, and somebody before it. */
  Looking(conversation: string, focused: boolean): Promise<void>;
  /** http, https and mailto only. */
  OpenExternal(url: string): Promise<void>;
  /** What is to be shown, once; null where nothing is asked. An event `asked` says that there is something. */
  Asked(): Promise<Target | null>;
  /** Try the connection now instead of waiting for the next attempt. */
  Reconnect(): Promise<void>;
}

export interface ConversationsService {
  List(view: View, cursor: string, limit: number): Promise<ConversationPage>;
  /** Unseen conversations of a view, for the badge. */
  Counts(): Promise<Record<View, number>>;
  /** Those a person stands in. */
  With(person: string, cursor: string, limit: number): Promise<ConversationPage>;
  Get(id: string): Promise<Conversation>;
  /** The newest when before and after are 0; else exclusive. */
  Messages(id: string, before: number, after: number, limit: number): Promise<MessagePage>;
  /** Writes it into the outbox and returns at once. Key made by the window: 1–64 printable ASCII. */
  Create(key: string, kind: 'internal' | 'customer', participants: string[], subject: string, body: string, files: string[], mentions: string[]): Promise<Conversation>;
  Send(key: string, conversation: string, body: string, files: string[], mentions: string[]): Promise<Message>;
  /** A failed or held one again. */
  Retry(key: string): Promise<void>;
  /** Takes it out of the outbox; what was typed comes back, to go on with. */
  TakeBack(key: string): Promise<Draft>;
  /** The same while it stays there; rejected with `left` once it has left. */
  Undo(key: string): Promise<Draft>;
  Edit(message: string, body: string): Promise<Message>;
  Delete(message: string): Promise<void>;
  /** Needs the server, as the two that follow. */
  Deliveries(message: string): Promise<Delivery[]>;
  SendNow(message: string, person: string): Promise<Delivery>;
  CancelDelivery(message: string, person: string): Promise<Delivery>;
  /** What is known here of what became of the messages numbered from and up to; offline, too. */
  Ledger(conversation: string, from: number, upTo: number): Promise<Delivery[]>;
  /** Who would get a message written now, and how. Needs the server. */
  Recipients(conversation: string): Promise<Recipient[]>;
  Why(message: string): Promise<Why>;
  /** Needs the server, unless it was seen before. */
  Mail(message: string): Promise<Mail>;
  /** As it came, like SaveFile; the link is `/mail/{message}/raw`. */
  SaveMail(message: string): Promise<void>;
  /** Only moves forward. */
  Seen(conversation: string, upTo: number): Promise<void>;
  Mute(conversation: string, muted: boolean): Promise<void>;
  /** Closes or opens a conversation with customers. */
  SetState(conversation: string, state: 'open' | 'closed'): Promise<void>;
  AddParticipant(conversation: string, person: string, history: 'all' | 'from-now'): Promise<Conversation>;
  RemoveParticipant(conversation: string, person: string): Promise<void>;
  Typing(conversation: string): Promise<void>;
  /** Colleagues are told, where it is with customers. To be said every 20 s. */
  Looking(conversation: string, looking: boolean): Promise<void>;
  /** `target`: a conversation's id, or `new:internal`. An empty draft removes it. */
  SaveDraft(target: string, draft: Draft): Promise<void>;
  Draft(target: string): Promise<Draft>;
  /** A file goes in three calls, in chunks of at most 512 KiB, base64. It is uploaded with the message that carries it. */
  BeginFile(name: string, size: number): Promise<string>;
  AppendFile(id: string, base64: string): Promise<void>;
  FinishFile(id: string): Promise<FileRef>;
  /** Native window: asks where to save. Browser: rejects with code `use-link`; the window then opens `/files/{id}`. */
  SaveFile(id: string): Promise<void>;
  /** A moment, `answer`, or empty to wake it; also offline. */
  Snooze(conversation: string, until: string): Promise<void>;
  /** To a user, or (empty) to nobody. Needs the server, as those that follow. */
  Assign(conversation: string, user: string): Promise<Conversation>;
  /** Conversations with customers; gives the one it leads to. */
  Merge(source: string, target: string): Promise<Conversation>;
  Unmerge(source: string): Promise<Conversation>;
  Move(conversation: string, from: string, to: string, history: 'all' | 'from-now'): Promise<Conversation>;
  Split(message: string, key: string, subject: string): Promise<Conversation>;
}

export interface ContactsService {
  /** From the cache; prefix match, accents folded. */
  List(query: string, kind: Kind | ''): Promise<Person[]>;
  Get(id: string): Promise<Person>;
  /** Ids of those to whom the last mail did not arrive. */
  Failing(): Promise<string[]>;
  AddCustomer(name: string, email: string): Promise<Person>;
  /** Who is connected to the live chat; nobody while the server can't be reached. */
  Chats(): Promise<Chat[]>;
  /** An unverified visitor is this customer, who then stands wherever the visitor does. Needs the server. */
  Merge(visitor: string, customer: string): Promise<Person>;
  /** Admins. Answers with the one-time link. */
  Invite(name: string, email: string, role: 'agent' | 'admin'): Promise<{ person: Person; link: string }>;
}

export interface SearchService {
  /** Everything cached, newest first, online or not. */
  Find(query: string, limit: number): Promise<SearchHit[]>;
}

export interface SettingsService {
  App(): Promise<AppSettings>;
  SetApp(s: AppSettings): Promise<void>;
  StartsAtLogin(): Promise<boolean>;
  SetStartsAtLogin(starts: boolean): Promise<void>;
  Notifications(): Promise<NotificationSettings>;
  SetNotifications(s: NotificationSettings): Promise<void>;
  /** Web sites with the live chat. Needs the server, as those that follow, which are for admins. */
  Sites(): Promise<Site[]>;
  AddSite(site: SitePatch): Promise<Site>;
  ChangeSite(id: string, site: SitePatch): Promise<Site>;
}

/** What the Go side tells the window, in order, under the one event name `recado`. */
export type AppEvent =
  | { type: 'session'; session: SessionState }
  | { type: 'connection'; connection: Connection }
  | { type: 'conversation'; conversation: Conversation }
  /** A conversation written here got its place at the server. */
  | { type: 'moved'; from: string; to: string }
  | { type: 'message'; message: Message }
  /** Taken out of the outbox, or its access was lost. */
  | { type: 'message-gone'; conversation: string; rowKey: string }
  | { type: 'access-lost'; conversation: string }
  | { type: 'seen'; conversation: string; person: string; upTo: number; at: string }
  | { type: 'typing'; conversation: string; person: string }
  | { type: 'looking'; conversation: string; person: string; looking: boolean }
  | { type: 'people'; people: Person[] }
  | { type: 'settings' }
  /** Other mails are held than before. */
  | { type: 'held' }
  /** The canned answers are others than before. */
  | { type: 'canned' }
  | { type: 'asked' }
  | { type: 'locked'; locked: boolean }
  | { type: 'item'; item: Item }
  /** Somebody came to the live chat, moved in it or left; or all are to be asked for again. */
  | { type: 'chat'; chat: Chat }
  | { type: 'chats' }
  | { type: 'delivery'; delivery: Delivery }
  /** The cache was filled anew: read everything again. */
  | { type: 'refilled' };

export interface Bridge {
  session: SessionService;
  conversations: ConversationsService;
  items: ItemsService;
  answers: AnswersService;
  contacts: ContactsService;
  search: SearchService;
  mail: MailService;
  settings: SettingsService;
  /** Returns the function that ends it. */
  onEvent(listener: (event: AppEvent) => void): () => void;
}
