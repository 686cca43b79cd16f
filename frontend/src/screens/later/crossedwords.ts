/** What is said before a message is sent that crosses with another. */
const en = {
  title: (names: string) => `${names} wrote meanwhile`,
  send: 'Send all the same',
  look: 'Look first',
};

const es: typeof en = {
  title: (names) => `${names} ha escrito mientras tanto`,
  send: 'Enviar de todos modos',
  look: 'Mirar antes',
};

export const crossedWords = { en, es };
