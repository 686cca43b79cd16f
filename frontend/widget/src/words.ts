const en = {
  chat: 'Chat',
  closeChat: 'Close the chat',
  messages: 'Messages',
  write: 'Write a message',
  send: 'Send',
  attach: 'Attach a file',
  greeting: 'Hello! How can we help?',
  here: 'We are here',
  byMail: 'We answer by e-mail',
  byMailUntil: (when: string) => `We are back ${when}. Until then we answer by e-mail.`,
  you: 'You',
  sending: 'Sending…',
  notSent: 'Not sent',
  again: 'Try again',
  seen: 'Seen',
  typing: (name: string) => `${name} is writing…`,
  offline: 'No connection. What you write is sent when it is back.',
  problem: 'The chat can’t be reached just now.',
  signInNeeded: 'Sign in on this page to chat.',
  signInAgain: 'The page’s word on who you are has expired. Reload it to chat.',
  deleted: 'This message was deleted',
  edited: 'edited',
};

type Words = typeof en;

const es: Words = {
  chat: 'Chat',
  closeChat: 'Cerrar el chat',
  messages: 'Mensajes',
  write: 'Escribe un mensaje',
  send: 'Enviar',
  attach: 'Adjuntar un archivo',
  greeting: '¡Hola! ¿En qué podemos ayudarte?',
  here: 'Estamos aquí',
  byMail: 'Respondemos por correo',
  byMailUntil: (when) => `Volvemos ${when}. Hasta entonces respondemos por correo.`,
  you: 'Tú',
  sending: 'Enviando…',
  notSent: 'No se envió',
  again: 'Reintentar',
  seen: 'Visto',
  typing: (name) => `${name} está escribiendo…`,
  offline: 'Sin conexión. Lo que escribas se enviará cuando vuelva.',
  problem: 'Ahora mismo no se puede acceder al chat.',
  signInNeeded: 'Inicia sesión en esta página para chatear.',
  signInAgain: 'Lo que la página dice de ti ha caducado. Recárgala para chatear.',
  deleted: 'Este mensaje fue eliminado',
  edited: 'editado',
};

/** The words of a page's language; English where we do not speak it. */
export function speak(lang: string): Words {
  return /^es\b/i.test(lang) ? es : en;
}

export type { Words };
