/** The settings of the app on this computer. */
export interface AppSettings {
  language: 'system' | 'en' | 'es';
  theme: 'system' | 'light' | 'dark';
  /** true: Enter sends, Shift+Enter breaks the line. */
  enterSends: boolean;
  /** Closing the native window leaves the app in the tray, where there is one. */
  closeToTray: boolean;
  /** For how many seconds sending can be undone: 0, 5, 10 or 20. */
  undoCustomers: number;
  undoTeam: number;
}

/** When a person is told, and how; kept at the server. */
export interface NotificationSettings {
  bubbles: 'all' | 'mentions' | 'none';
  sound: boolean;
  /** Text of the message in the bubble. */
  preview: boolean;
  /** No bubbles between these, HH:MM as on the wall; both or none. */
  quietFrom?: string;
  quietTo?: string;
  /** What was not seen goes out by e-mail too, after so many seconds; 0: as the server does for all. */
  mail: boolean;
  mailAfter: number;
}
