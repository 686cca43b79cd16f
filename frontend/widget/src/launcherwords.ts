/** The launcher's few words; the chat itself has its own. */
export function launcherWords(lang: string): { chat: string; open: string; close: string } {
  return /^es\b/i.test(lang)
    ? { chat: 'Chat', open: 'Abrir el chat', close: 'Cerrar el chat' }
    : { chat: 'Chat', open: 'Open the chat', close: 'Close the chat' };
}
