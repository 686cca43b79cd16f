import type { Values, Variable } from '../answers';

/** What canned answers say, with the screens that show them. */
const en = {
  title: 'Canned answers',
  about: 'Texts the team answers with often. Type / in a message to use one.',
  manage: 'Texts for all',
  none: 'There are no canned answers yet. Make the first in Settings.',
  noneYet: 'There are none yet.',
  nothing: 'No canned answer of this name',
  found: (n: number) => (n === 1 ? '1 canned answer' : `${n} canned answers`),
  add: 'Add an answer',
  name: 'Name',
  text: 'Text',
  insert: 'Filled in where it is used',
  edit: (name: string) => `Change ${name}`,
  change: 'Change',
  remove: 'Remove',
  removeSure: (name: string) => `Remove “${name}” for everybody?`,
  removeText: 'What was sent of it stays as it is.',
  by: (who: string, when: string) => `${who}, ${when}`,
  variables: {
    'customer.name': 'Customer’s name',
    'customer.first': 'Customer’s first name',
    'agent.name': 'Your name',
    'agent.first': 'Your first name',
    number: 'Number of the ticket',
    title: 'Title of the ticket',
    date: 'Date of today',
  } satisfies Record<Variable, string>,
};

const es: typeof en = {
  title: 'Respuestas guardadas',
  about: 'Textos con los que el equipo responde a menudo. Escribe / en un mensaje para usar uno.',
  manage: 'Textos para todos',
  none: 'Aún no hay respuestas guardadas. Crea la primera en Ajustes.',
  noneYet: 'Aún no hay ninguna.',
  nothing: 'No hay ninguna respuesta con ese nombre',
  found: (n) => (n === 1 ? '1 respuesta guardada' : `${n} respuestas guardadas`),
  add: 'Añadir una respuesta',
  name: 'Nombre',
  text: 'Texto',
  insert: 'Se rellena al usarla',
  edit: (name) => `Cambiar ${name}`,
  change: 'Cambiar',
  remove: 'Quitar',
  removeSure: (name) => `¿Quitar «${name}» para todos?`,
  removeText: 'Lo que se envió con ella queda como está.',
  by: (who, when) => `${who}, ${when}`,
  variables: {
    'customer.name': 'Nombre del cliente',
    'customer.first': 'Nombre de pila del cliente',
    'agent.name': 'Tu nombre',
    'agent.first': 'Tu nombre de pila',
    number: 'Número del ticket',
    title: 'Título del ticket',
    date: 'Fecha de hoy',
  },
};

/** Names of variables as they stand in a text that shows what it will be like. */
function shown(names: Record<Variable, string>): Values {
  return Object.fromEntries(Object.entries(names).map(([variable, name]) => [variable, `‹${name}›`]));
}

export const answerWords = {
  en: { ...en, shown: shown(en.variables) },
  es: { ...es, shown: shown(es.variables) },
};
