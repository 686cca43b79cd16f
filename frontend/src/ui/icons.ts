/** Our icons, each one path on a grid of 16, drawn with a round stroke. */
export const icons = {
  at: 'M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5M10.5 5.5v3a1.75 1.75 0 0 0 3.5 0V8a6 6 0 1 0-2.4 4.8',
  back: 'M13 8H3M7 4L3 8l4 4',
  bell: 'M4.5 11.5V7a3.5 3.5 0 0 1 7 0v4.5l1 .5h-9zM6.8 14h2.4',
  bellOff: 'M4.5 11.5V7a3.5 3.5 0 0 1 7 0v4.5l1 .5h-9zM6.8 14h2.4M2 2l12 12',
  bin: 'M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.5 9h6l.5-9M7 7.2v3.6M9 7.2v3.6',
  bold: 'M5 3h3.4a2.4 2.4 0 0 1 0 4.8H5zM5 7.8h4.2a2.6 2.6 0 0 1 0 5.2H5z',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  chat: 'M2.5 3.5h11v8H7l-3 2.5v-2.5H2.5z',
  clip: 'M13 7.4l-5 5a3 3 0 0 1-4.3-4.3L9 2.9a2 2 0 0 1 2.9 2.9l-5.2 5.1a1 1 0 0 1-1.4-1.4l4.6-4.5',
  clock: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 5v3l2 1.4',
  contacts: 'M6 3.5a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4M2 13a4 4 0 0 1 8 0M11.5 6H14.5M11.5 9H14.5',
  down: 'M8 3v10M4 9l4 4l4-4',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  inbox: 'M2 9l2-6h8l2 6v4H2zM2 9h3.5l1 2h3l1-2H14',
  info: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 7.4v3.4M8 5.2h.01',
  italic: 'M7 3h4M5 13h4M9.5 3l-3 10',
  list: 'M6 4h7M6 8h7M6 12h7M3 4h.01M3 8h.01M3 12h.01',
  mail: 'M2.5 3.5h11v9h-11zM2.5 4.5L8 9l5.5-4.5',
  pencil: 'M3 13l.7-3l6.8-6.8a1.4 1.4 0 0 1 2 0l.3.3a1.4 1.4 0 0 1 0 2L6 12.3zM9.3 4.4l2.3 2.3',
  personPlus: 'M6 3a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4M2 13a4 4 0 0 1 8 0M13 5v4M11 7h4',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.3 10.3l3.2 3.2',
  send: 'M14 2L2 6.8l5 2.2l2.2 5zM14 2L7 9',
  x: 'M4 4l8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof icons;
