import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { untrack } from 'svelte';

export interface Keyed {
  key: string;
}

type Core = Virtualizer<HTMLElement, HTMLElement>;

/** The rows in view of a long list that grows at both ends. What is being read never moves. */
export class VirtualRows {
  items = $state.raw<VirtualItem[]>([]);
  total = $state(0);
  atEnd = $state(true);
  readonly #core: Core;
  #rows: readonly Keyed[] = [];
  #scroller: HTMLElement | null = null;

  /** `rows` is asked again whenever it changes; `moved` is told after each scroll or change of layout. */
  constructor(rows: () => readonly Keyed[], moved: () => void) {
    this.#core = new Virtualizer<HTMLElement, HTMLElement>(this.#options(moved));
    $effect.pre(() => {
      this.#rows = rows();
      untrack(() => {
        this.#core.setOptions(this.#options(moved));
        this.#sync();
      });
    });
    $effect(() => {
      void this.items;
      this.#core._willUpdate();
    });
    $effect(() => untrack(() => this.#core._didMount()));
  }

  #options(moved: () => void) {
    return {
      count: this.#rows.length,
      getScrollElement: () => this.#scroller,
      estimateSize: () => 48,
      getItemKey: (i: number) => this.#rows[i]?.key ?? i,
      overscan: 8,
      anchorTo: 'end' as const,
      followOnAppend: true,
      scrollEndThreshold: 40,
      paddingStart: 16,
      paddingEnd: 12,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      // Sizes come from the observer alone: measuring while rows mount would lay out the page for each.
      measureElement: (node: HTMLElement, entry: ResizeObserverEntry | undefined, core: Core) => {
        const box = entry?.borderBoxSize[0];
        if (box) return box.blockSize;
        const index = core.indexFromElement(node);
        return core.itemSizeCache.get(this.#rows[index]?.key ?? index) ?? 48;
      },
      onChange: () => {
        this.#sync();
        moved();
      },
    };
  }

  #sync(): void {
    this.items = this.#core.getVirtualItems();
    this.total = this.#core.getTotalSize();
    this.atEnd = this.#core.scrollElement === null || this.#core.isAtEnd(40);
  }

  /**
   * For the scrolling element. Its style stands on the element itself: where scripts run before the style sheet
   * applies, the element would be as tall as its content and every row would be rendered.
   */
  readonly scroller = (node: HTMLElement) => {
    node.style.cssText = 'overflow-y:auto;height:100%;contain:strict;overflow-anchor:none';
    this.#scroller = node;
  };

  /** For each row's element. */
  readonly measure = (node: HTMLElement) => {
    this.#core.measureElement(node);
    return () => this.#core.measureElement(null);
  };

  toIndex(index: number, align: 'start' | 'center' | 'end'): void {
    this.#core.scrollToIndex(index, { align });
  }

  toEnd(): void {
    if (this.#rows.length > 0) this.#core.scrollToIndex(this.#rows.length - 1, { align: 'end' });
  }

  /** Distances to both ends in viewports: how soon more is wanted. */
  get reach(): { start: number; end: number } {
    const height = this.#scroller?.clientHeight || 1;
    const top = this.#scroller?.scrollTop ?? 0;
    return { start: top / height, end: (this.total - top - height) / height };
  }

  /** The last row whose end stands in view, or which fills the view; -1 for none. */
  get lastInView(): number {
    const node = this.#scroller;
    if (!node || node.clientHeight === 0) return -1;
    const bottom = node.scrollTop + node.clientHeight;
    const seen = this.items.filter((i) => i.start < bottom && (i.end <= bottom + 4 || i.size > node.clientHeight));
    return seen.at(-1)?.index ?? -1;
  }
}
