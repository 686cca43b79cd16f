/** The words that come with the first message. */
const en = {
  askAddress: 'Where can we reach you if you leave?',
  name: 'Your name',
  email: 'Your e-mail',
  save: 'Save',
  later: 'Not now',
  saved: (email: string) => `If you leave, we answer to ${email}.`,
  badAddress: 'This is not an e-mail address.',
  notSaved: 'The chat can’t be reached just now. Try again in a moment.',
  tooLarge: (name: string) => `${name || 'This file'} is too large: a file can have up to 100 MB.`,
  noFile: (name: string) => `${name} can’t be fetched just now. Try again in a moment.`,
  remove: (name: string) => `Remove ${name}`,
};

const es: typeof en = {
  askAddress: '¿Dónde te encontramos si te vas?',
  name: 'Tu nombre',
  email: 'Tu correo electrónico',
  save: 'Guardar',
  later: 'Ahora no',
  saved: (email) => `Si te vas, te responderemos a ${email}.`,
  badAddress: 'Esto no es una dirección de correo.',
  notSaved: 'Ahora mismo no se puede acceder al chat. Inténtalo en un momento.',
  tooLarge: (name) => `${name || 'Este archivo'} es demasiado grande: un archivo puede tener hasta 100 MB.`,
  noFile: (name) => `${name} no se puede descargar ahora. Inténtalo en un momento.`,
  remove: (name) => `Quitar ${name}`,
};

export function laterWords(lang: string): typeof en {
  return /^es\b/i.test(lang) ? es : en;
}
