/** What is said of what customers' first mails open, with it. */
const en = {
  title: 'What a first mail opens',
  conversation: 'a conversation',
  ticket: 'a ticket, with its conversation',
  forget: 'As the team’s address',
  tag: 'Another address, by its tag',
  tagText: (address: string) =>
    `“repairs” is ${address.replace('@', '+repairs@')}: mails to it come here, too, and open a ticket.`,
};

/** Same keys, same arguments; other words. */
export type MailOpensWords = typeof en;

const es: MailOpensWords = {
  title: 'Qué abre un primer correo',
  conversation: 'una conversación',
  ticket: 'un ticket, con su conversación',
  forget: 'Como la dirección del equipo',
  tag: 'Otra dirección, por su etiqueta',
  tagText: (address) =>
    `«averias» es ${address.replace('@', '+averias@')}: sus correos también llegan aquí y abren un ticket.`,
};

export const mailOpensWords: Record<'en' | 'es', MailOpensWords> = { en, es };
