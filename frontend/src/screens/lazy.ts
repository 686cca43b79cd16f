/** Screens that the first paint does not need: each comes in a file of its own, and they are fetched once it is done. */
export const lazy = {
  welcome: () => import('./Welcome.svelte'),
  thread: () => import('./ThreadScreen.svelte'),
  ask: () => import('../ui/Ask.svelte'),
  crossed: () => import('./later/Crossed.svelte'),
  write: () => import('./NewConversation.svelte'),
  details: () => import('./Details.svelte'),
  contacts: () => import('./Contacts.svelte'),
  settings: () => import('./Settings.svelte'),
  keys: () => import('./Keys.svelte'),
  invite: () => import('./Invite.svelte'),
  palette: () => import('./Palette.svelte'),
  addCustomer: () => import('./AddCustomer.svelte'),
  mail: () => import('./later/MailDialog.svelte'),
  why: () => import('./later/WhyDialog.svelte'),
  sites: () => import('./later/Sites.svelte'),
  teamMail: () => import('./later/TeamMail.svelte'),
  merge: () => import('./later/MergeVisitor.svelte'),
  held: () => import('./later/HeldList.svelte'),
  heldMail: () => import('./later/HeldMail.svelte'),
  snooze: () => import('./later/Snooze.svelte'),
  items: () => import('./later/ItemList.svelte'),
  item: () => import('./later/ItemPage.svelte'),
  itemDetails: () => import('./later/ItemDetails.svelte'),
  newItem: () => import('./later/NewItem.svelte'),
  answers: () => import('./later/Answers.svelte'),
  answerOptions: () => import('../ui/AnswerOptions.svelte'),
  person: () => import('./later/PersonPage.svelte'),
};

/** Fetches all of them when there is nothing else to do, so that each opens at once, and also when the app is gone. */
export function fetchLazily(): void {
  const fetchAll = () => void Promise.allSettled(Object.values(lazy).map((load) => load()));
  // WebKitGTK has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(fetchAll);
  else setTimeout(fetchAll, 500);
}
