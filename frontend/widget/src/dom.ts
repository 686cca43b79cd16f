import { icon } from './icons';

export function element(name: string, className = '', ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function button(look: Parameters<typeof icon>[0], act: () => void): HTMLButtonElement {
  const made = element('button', 'icon', icon(look)) as HTMLButtonElement;
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

export function textButton(text: string, act: () => void): HTMLButtonElement {
  const made = element('button', 'link', text) as HTMLButtonElement;
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/** Gives a parent these children. What stays is not touched: nothing is announced, selected or focused anew. */
export function place(parent: HTMLElement, children: HTMLElement[]): void {
  const kept = new Set<Element>(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}
