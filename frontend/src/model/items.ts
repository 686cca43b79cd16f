import type { ItemFilter } from '../bridge/port';

/** Asks for every ticket and task. */
export const ANY: ItemFilter = {
  kind: '',
  state: '',
  assignee: '',
  follower: '',
  tag: '',
  project: '',
  query: '',
  dueBefore: '',
};
