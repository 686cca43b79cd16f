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
