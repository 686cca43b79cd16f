import type { Language } from '../../state/words.svelte';

const en = {
  moments: {
    hour: 'In an hour',
    evening: 'This evening',
    tomorrow: 'Tomorrow morning',
    monday: 'Next Monday',
  },
  answer: 'Until an answer comes',
  wakeNow: 'Wake it now',
  at: 'Until a moment of your own',
};

const es: typeof en = {
  moments: {
    hour: 'Dentro de una hora',
    evening: 'Esta tarde',
    tomorrow: 'Mañana por la mañana',
    monday: 'El próximo lunes',
  },
  answer: 'Hasta que llegue una respuesta',
  wakeNow: 'Despertarla ahora',
  at: 'Hasta un momento concreto',
};

/** What is said when a conversation is put to sleep. */
export const snoozeWords: Record<Language, typeof en> = { en, es };
