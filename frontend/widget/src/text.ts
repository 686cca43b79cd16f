import { parseMarkdown, type Block, type Inline } from '../../src/model/markdown';

/** A message's text as nodes: nothing of it ever becomes markup. */
export function textOf(body: string): HTMLElement {
  const text = document.createElement('div');
  text.className = 'text';
  text.append(...parseMarkdown(body).map(block));
  return text;
}

function made(name: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}

function block(b: Block): HTMLElement {
  switch (b.type) {
    case 'paragraph':
      return made('p', ...b.children.map(inline));
    case 'codeblock':
      return made('pre', made('code', b.text));
    case 'quote':
      return made('blockquote', ...b.children.map(block));
    case 'list':
      return made(b.ordered ? 'ol' : 'ul', ...b.items.map((item) => made('li', ...item.map(block))));
  }
}

function inline(n: Inline): Node {
  switch (n.type) {
    case 'text':
      return document.createTextNode(n.text);
    case 'break':
      return document.createElement('br');
    case 'code':
      return made('code', n.text);
    case 'mention':
      return document.createTextNode(`@${n.name}`);
    case 'link': {
      const link = made('a', ...n.children.map(inline)) as HTMLAnchorElement;
      link.href = n.href;
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
      return link;
    }
    default:
      return made({ bold: 'strong', italic: 'em', strike: 's' }[n.type], ...n.children.map(inline));
  }
}
