import type { AppEvent } from '../bridge/port';

/** What happened in one conversation. */
export type ConversationEvent = Exclude<
  AppEvent,
  {
    type:
      | 'session'
      | 'connection'
      | 'people'
      | 'settings'
      | 'asked'
      | 'locked'
      | 'refilled'
      | 'held'
      | 'canned'
      | 'item'
      | 'chat'
      | 'chats';
  }
>;

/** The id of the conversation an event is about, as it was before the event. */
export function conversationOf(e: ConversationEvent): string {
  switch (e.type) {
    case 'message':
      return e.message.conversation;
    case 'conversation':
      return e.conversation.id;
    case 'moved':
      return e.from;
    case 'delivery':
      return e.delivery.conversation;
    default:
      return e.conversation;
  }
}
