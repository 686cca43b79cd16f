/** The launcher's few words; the chat itself has its own. */
export function launcherWords(lang: string): { chat: string; open: (unseen: number) => string; close: string } {
  return /^es\b/i.test(lang)
    ? { chat: 'Chat', open: (n) => `Abrir el chat${n ? `, ${n} sin ver` : ''}`, close: 'Cerrar el chat' }
    : { chat: 'Chat', open: (n) => `Open the chat${n ? `, ${n} unseen` : ''}`, close: 'Close the chat' };
}
