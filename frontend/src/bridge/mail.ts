import type { Opens } from './chat';
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
  findings: MailFinding[];
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

/** How mails leave, how they come in, what was seen of it lately, and figures of the last hour. */
export interface MailState {
  /** Name <address>, as people see it; empty where mail is not set up. */
  from: string;
  replyDomain: string;
  out: MailHealth & {
    /** folder: no server is configured, and nobody gets anything. */
    kind: 'smtp' | 'folder';
    server?: string;
    security?: 'none' | 'starttls' | 'tls';
    signsIn?: boolean;
    /** Where the key of its signatures is published. */
    dkim?: string;
    sent: number;
    failed: number;
    overdue: number;
    lastAt?: string;
  };
  in: MailHealth & {
    listens?: string;
    lmtp?: boolean;
    mailbox?: string;
    received: number;
    held: number;
    lastAt?: string;
  };
}

export interface MailHealth {
  okAt?: string;
  failingSince?: string;
  problem?: string;
}

/** A mail on each way, which is to come in again. */
export interface MailTest {
  id: string;
  startedAt: string;
  steps: MailTestStep[];
}

export interface MailTestStep {
  way: 'team' | 'answers';
  address: string;
  outcome: 'waiting' | 'accepted' | 'refused' | 'later' | 'unknown' | 'folder';
  detail?: string;
  answeredAt?: string;
  arrivedAt?: string;
  findings: MailFinding[];
}

export interface MailFinding {
  check: 'spf' | 'dkim' | 'dmarc';
  result: string;
  domain: string;
}

/** An address customers write to, and what their first mail to it opens. */
export interface TeamAddress {
  address: string;
  opens: Opens;
}

/** The team's mail: what waits for an agent, and whether it works. All of it needs the server. */
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
  State(): Promise<MailState>;
  /** The team's own address first, then those with a tag of which something was said. */
  Addresses(): Promise<TeamAddress[]>;
  /** For admins; '' for one with a tag: as the team's own. Code `invalid` for an address that is not the team's. */
  SetAddress(address: string, opens: Opens | ''): Promise<void>;
  /** For admins; code `too-often` a moment after another. */
  BeginTest(): Promise<MailTest>;
  Test(id: string): Promise<MailTest>;
}
