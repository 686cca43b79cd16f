import { untrack } from 'svelte';

export interface Keyed {
  key: string;
}

/** A row to be rendered, and where it stands in the whole list, in pixels. */
export interface Placed {
  key: string;
  index: number;
  start: number;
  end: number;
}

/** Where the reader is held until they scroll themselves: the end, or the top of a row. */
type Hold = { end: true } | { end: false; key: string };

const ESTIMATE = 48;
const PADDING_START = 16;
const PADDING_END = 12;
const OVERSCAN = 8;
/** Nearer to the end than this is being at the end: what comes is followed. */
const NEAR_END = 40;

/** The rows in view of a long list that grows at both ends. What is being read never moves. */
export class VirtualRows {
  items = $state.raw<readonly Placed[]>([]);
  atEnd = $state(true);
  #rows: readonly Keyed[] = [];
  /** Where each row begins; one more entry tells where the last ends. */
  #starts: number[] = [PADDING_START];
  readonly #sizes = new Map<string, number>();
  #hold: Hold | null = null;
  /** The place last scrolled to from here: a scroll to anywhere else is the reader's. */
  #placed = 0;
  #scroller: HTMLElement | null = null;
  #sizer: HTMLElement | null = null;
  readonly #observer: ResizeObserver;
  readonly #moved: () => void;

  /** `rows` is asked again whenever it changes; `moved` is told after each scroll or change of layout. */
  constructor(rows: () => readonly Keyed[], moved: () => void) {
    this.#moved = moved;
    this.#observer = new ResizeObserver((entries) => this.#resized(entries));
    $effect.pre(() => {
      const next = rows();
      untrack(() => this.#take(next));
    });
  }

  /**
   * For the scrolling element. Its style stands on the element itself: where scripts run before the style sheet
   * applies, the element would be as tall as its content and every row would be rendered.
   */
  readonly scroller = (node: HTMLElement) => {
    node.style.cssText = 'overflow-y:auto;height:100%;contain:strict;overflow-anchor:none';
    this.#scroller = node;
    const scrolled = () => this.#scrolled();
    node.addEventListener('scroll', scrolled, { passive: true });
    this.#observer.observe(node);
    return () => {
      node.removeEventListener('scroll', scrolled);
      this.#observer.disconnect();
      this.#scroller = null;
    };
  };

  /** For the element inside it that is as tall as all rows. */
  readonly sizer = (node: HTMLElement) => {
    this.#sizer = node;
    node.style.height = `${this.#total}px`;
    return () => void (this.#sizer = null);
  };

  /** For each row's element, which carries its key as `data-key`. Sizes come from the observer alone. */
  readonly measure = (node: HTMLElement) => {
    this.#observer.observe(node);
    return () => this.#observer.unobserve(node);
  };

  /** Brings a row to the top and holds it there, while rows around it get their sizes, until the reader scrolls. */
  toIndex(index: number): void {
    const row = this.#rows[index];
    if (row) this.#keep({ end: false, key: row.key });
  }

  /** Goes to the end and follows it until the reader scrolls away. */
  toEnd(): void {
    this.#keep({ end: true });
  }

  /** Distances to both ends in viewports: how soon more is wanted. */
  get reach(): { start: number; end: number } {
    const height = this.#height || 1;
    const top = this.#scroller?.scrollTop ?? 0;
    return { start: top / height, end: (this.#total - top - height) / height };
  }

  /** The last row whose end stands in view, or which fills the view; -1 for none. */
  get lastInView(): number {
    const height = this.#height;
    if (height === 0) return -1;
    const top = this.#scroller!.scrollTop;
    const bottom = top + height;
    const seen = this.items.filter(
      (i) => i.start < bottom && i.end > top && (i.end <= bottom + 4 || i.end - i.start > height),
    );
    return seen.at(-1)?.index ?? -1;
  }

  get #height(): number {
    return this.#scroller?.clientHeight ?? 0;
  }

  get #total(): number {
    return this.#starts.at(-1)! + PADDING_END;
  }

  #keep(hold: Hold): void {
    this.#hold = hold;
    this.#scrollTo(this.#held(hold));
    this.#show();
  }

  #held(hold: Hold): number {
    if (hold.end) return this.#total - this.#height;
    const index = this.#rows.findIndex((r) => r.key === hold.key);
    return index < 0 ? (this.#scroller?.scrollTop ?? 0) : this.#starts[index]! - PADDING_START;
  }

  #scrolled(): void {
    const top = this.#scroller!.scrollTop;
    if (Math.abs(top - this.#placed) > 1) {
      this.#placed = top;
      this.#hold = this.#total - top - this.#height < 2 ? { end: true } : null;
    }
    this.#show();
    this.#moved();
  }

  #take(next: readonly Keyed[]): void {
    const appended = next.at(-1)?.key !== this.#rows.at(-1)?.key;
    if (appended && this.atEnd && this.#scroller) this.#hold = { end: true };
    const before = this.#anchor(true);
    this.#rows = next;
    this.#lay(before);
  }

  #resized(entries: ResizeObserverEntry[]): void {
    const before = this.#anchor(false);
    for (const entry of entries) {
      const key = (entry.target as HTMLElement).dataset.key;
      if (key !== undefined) this.#sizes.set(key, entry.borderBoxSize[0]!.blockSize);
    }
    this.#lay(before);
    this.#moved();
  }

  /**
   * A row in view, and how far its top is from the top of the view. When rows come or go it is the lowest: the line of
   * a day at the top moves away from its message when an earlier one of that day comes before it.
   */
  #anchor(lowest: boolean): { key: string; offset: number } | null {
    const top = this.#scroller?.scrollTop ?? 0;
    const bottom = top + this.#height;
    const inView = (i: Placed) => i.start < bottom && i.end > top;
    const row = lowest ? this.items.findLast(inView) : this.items.find(inView);
    return row ? { key: row.key, offset: row.start - top } : null;
  }

  #lay(anchor: { key: string; offset: number } | null): void {
    const starts = [PADDING_START];
    for (const [i, row] of this.#rows.entries()) starts.push(starts[i]! + (this.#sizes.get(row.key) ?? ESTIMATE));
    this.#starts = starts;
    if (this.#sizer) this.#sizer.style.height = `${this.#total}px`;
    if (this.#hold) this.#scrollTo(this.#held(this.#hold));
    else if (anchor) {
      const index = this.#rows.findIndex((r) => r.key === anchor.key);
      if (index >= 0) this.#scrollTo(starts[index]! - anchor.offset);
    }
    this.#show();
  }

  #scrollTo(top: number): void {
    if (!this.#scroller) return;
    if (Math.abs(this.#scroller.scrollTop - top) >= 0.5) this.#scroller.scrollTop = top;
    // What the browser made of it: it goes no further than both ends.
    this.#placed = this.#scroller.scrollTop;
  }

  #show(): void {
    const top = this.#scroller?.scrollTop ?? 0;
    const first = Math.max(0, this.#indexAt(top) - OVERSCAN);
    const last = Math.min(this.#rows.length - 1, this.#indexAt(top + this.#height) + OVERSCAN);
    const items: Placed[] = [];
    for (let i = first; i <= last; i++)
      items.push({ key: this.#rows[i]!.key, index: i, start: this.#starts[i]!, end: this.#starts[i + 1]! });
    this.items = items;
    this.atEnd = !this.#scroller || this.#total - top - this.#height < NEAR_END;
  }

  /** The row at a distance from the top. */
  #indexAt(offset: number): number {
    let low = 0;
    let high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
