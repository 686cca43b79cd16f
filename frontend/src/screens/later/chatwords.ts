/** What the screens of the live chat say, with them. */
const en = {
  onPage: 'On',
  since: (time: string) => `in chat since ${time}`,
  whoIs: 'Is this a customer?',
  whoIsTitle: (visitor: string) => `Who is ${visitor}?`,
  whoIsText: 'Choose the customer this visitor is.',
  findCustomer: 'Find a customer',
  isWho: (visitor: string, customer: string) => `${visitor} is ${customer}?`,
  isWhoText: (customer: string) =>
    `${customer} will stand in this conversation with its whole history. The visitor sees no more than before.`,
  itIs: (customer: string) => `It is ${customer}`,
  another: 'Somebody else',
  merged: 'This visitor was found to be somebody else before.',
  gone: 'This customer is not there any more.',
  notVisitor: 'Only an unverified visitor can be found to be a customer.',
  visitorToo: 'This one is an unverified visitor, too: choose a known customer.',
};

/** Same keys, same arguments; other words. */
export type ChatWords = typeof en;

const es: ChatWords = {
  onPage: 'En',
  since: (time) => `en el chat desde las ${time}`,
  whoIs: '¿Es un cliente?',
  whoIsTitle: (visitor) => `¿Quién es ${visitor}?`,
  whoIsText: 'Elige qué cliente es este visitante.',
  findCustomer: 'Buscar un cliente',
  isWho: (visitor, customer) => `¿${visitor} es ${customer}?`,
  isWhoText: (customer) =>
    `${customer} estará en esta conversación con toda su historia. El visitante no ve más que antes.`,
  itIs: (customer) => `Es ${customer}`,
  another: 'Otra persona',
  merged: 'Antes se reconoció a este visitante como otra persona.',
  gone: 'Este cliente ya no está.',
  visitorToo: 'También es un visitante sin verificar: elige un cliente conocido.',
  notVisitor: 'Solo un visitante sin verificar puede reconocerse como cliente.',
};

export const chatWords: Record<'en' | 'es', ChatWords> = { en, es };
