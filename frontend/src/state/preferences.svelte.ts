import type { AppSettings, Bridge, NotificationSettings } from '../bridge';
import { appSettings, notificationSettings } from './defaults';
import type { Speech } from './words.svelte';

/** What the person has chosen, of the app on this computer and of their notifications. */
export class Preferences {
  app = $state.raw<AppSettings>(appSettings);
  notifications = $state.raw<NotificationSettings>(notificationSettings);
  readonly #bridge: Bridge;
  readonly #speech: Speech;

  constructor(bridge: Bridge, speech: Speech) {
    this.#bridge = bridge;
    this.#speech = speech;
  }

  /** Reads both; what can't be read stays as it was. */
  async read(): Promise<void> {
    const { settings } = this.#bridge;
    const [app, notifications] = await Promise.allSettled([settings.App(), settings.Notifications()]);
    if (app.status === 'fulfilled' && app.value) this.app = app.value;
    if (notifications.status === 'fulfilled' && notifications.value) this.notifications = notifications.value;
    await this.#speech.use(this.app.language);
  }

  /** Shows the change at once, and keeps it. */
  async save(change: Partial<AppSettings>): Promise<void> {
    this.app = { ...this.app, ...change };
    await this.#speech.use(this.app.language);
    await this.#bridge.settings.SetApp(this.app);
  }

  async saveNotifications(change: Partial<NotificationSettings>): Promise<void> {
    this.notifications = { ...this.notifications, ...change };
    await this.#bridge.settings.SetNotifications(this.notifications);
  }
}
