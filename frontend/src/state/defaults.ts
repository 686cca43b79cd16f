import type { AppSettings, NotificationSettings } from '../bridge/port';

/** What holds until the Go side has told the settings. */
export const appSettings: AppSettings = {
  language: 'system',
  theme: 'system',
  enterSends: true,
  closeToTray: true,
  undoCustomers: 10,
  undoTeam: 0,
};
export const notificationSettings: NotificationSettings = {
  bubbles: 'all',
  sound: false,
  preview: true,
  mail: true,
  mailAfter: 0,
};
