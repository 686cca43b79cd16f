import type { Delivery } from './port';

export interface Mailbox {
  name: string;
  email: string;
}

/** What is to be known of the mail a message came by, wherever it is shown. */
export interface MailMark {
  /** Its sender is proven, or answered what only they were sent. */
  verified: boolean;
  /** A program wrote it. */
  automatic?: boolean;
  /** The mail holds more than the message shows. */
  folded?: boolean;
  /** Whom it was addressed to besides: suggestions, never recipients by themselves. */
  others?: Mailbox[];
}

/** A mail that came in, read. Its HTML is shown from `/mail/{message}` in a frame, never here. */
export interface Mail {
  id: string;
  message: string;
  from: Mailbox;
  to: Mailbox[];
  cc: Mailbox[];
  date?: string;
  receivedAt: string;
  subject: string;
  size: number;
  verified: boolean;
  text: string;
  /** What of the text it quotes, or a signature; `fresh` is the rest. */
  folded: string;
  fresh: string;
  rich: boolean;
  /** How many images from elsewhere it names. */
  remote: number;
  cut?: boolean;
}

/** What would become of a message written now for one of those who stand in a conversation. */
export interface Recipient {
  person: string;
  channel: 'app' | 'chat' | 'email' | 'push';
  state: 'planned' | 'sent' | 'cancelled';
  code: string;
  reason: string;
  afterSeconds: number;
}

/** How I was told of a message, or why I was not. */
export interface Why {
  /** Absent where nothing was decided on this computer. */
  bubble?: { message: string; shown: boolean; reason: string; at: string };
  /** My own. */
  deliveries: Delivery[];
  /** The server told them just now; otherwise as last told. */
  asked: boolean;
}

/** A mail that waits for an agent. */
export interface HeldMail {
  id: string;
  /** Why it waits; `reason` says it in the server's words. */
  code: string;
  reason: string;
  receivedAt: string;
  from: Mailbox;
  subject: string;
  size: number;
}

export interface HeldPage {
  items: HeldMail[];
  next?: string;
}

export interface OpenedMail extends HeldMail {
  to: Mailbox[];
  cc: Mailbox[];
  replyTo: Mailbox[];
  date?: string;
  text: string;
  cut?: boolean;
  files: { name: string; type: string; size: number }[];
  findings: { check: 'spf' | 'dkim' | 'dmarc'; result: string; domain: string }[];
  accept: Prospect;
}

/** What accepting a held mail would do; with a `code` it can't be. */
export interface Prospect {
  code?: string;
  refusal?: string;
  /** Where it would stand; without one, a conversation of its own begins. */
  conversation?: string;
  subject?: string;
  /** As whose; without one, a customer with name and email is added. */
  person?: string;
  name: string;
  email: string;
}

/** Where a mail went. */
export interface Placement {
  conversation: string;
  message: string;
}

/** The team's mail: what waits for an agent. All of it needs the server. */
export interface MailService {
  /** Newest first. */
  Held(cursor: string): Promise<HeldPage>;
  /** Code `not-held` where somebody decided already, as with the rest. */
  Open(id: string): Promise<OpenedMail>;
  Accept(id: string): Promise<Placement>;
  /** Into a conversation with customers or, where that is '', as the beginning of a customer's. */
  Assign(id: string, conversation: string, customer: string): Promise<Placement>;
  Discard(id: string): Promise<void>;
  Restore(id: string): Promise<void>;
  /** As it came, like SaveFile; the link is `/held/{id}/raw?subject=`. */
  Save(id: string, subject: string): Promise<void>;
}
