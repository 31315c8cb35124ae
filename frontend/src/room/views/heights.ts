/**
 * How high each tile is on this screen, in device pixels, so that no more is sent than can be seen: nothing for a tile out of
 * sight or a tab in the background.
 */

import type { SlotHeight, SlotSource } from '../../protocol/messages.gen';

const CALM_MS = 300;
const MOST = 4320;

/** What a picture must have in height to fill a box: the box is covered, so a low and wide one needs more than its own height. */
export function neededHeight(width: number, height: number, pixelRatio: number): number {
  return Math.min(MOST, Math.round(Math.max(height, (width * 9) / 16) * pixelRatio));
}

/** The heights by slot, from those by tile (participant id, or `<id>/screen`). */
export function heightsBySlot(slots: readonly SlotSource[], tiles: ReadonlyMap<string, number>): SlotHeight[] {
  return slots
    .filter(({ source }) => source !== 'microphone')
    .map(({ slot, participant, source }) => ({
      slot,
      height: tiles.get(source === 'screen' ? `${participant}/screen` : participant) ?? 0,
    }));
}

export class Heights {
  private readonly seen = new Map<Element, boolean>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly resize = new ResizeObserver(() => this.later());
  private readonly sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) this.seen.set(target, isIntersecting);
    this.later();
  });

  constructor(private readonly changed: () => void) {
    document.addEventListener('visibilitychange', () => this.later());
  }

  /** Watch these tiles and no others. */
  watch(tiles: Iterable<Element>): void {
    const wanted = new Set(tiles);
    for (const tile of this.seen.keys()) {
      if (wanted.has(tile)) continue;
      this.seen.delete(tile);
      this.resize.unobserve(tile);
      this.sight.unobserve(tile);
    }
    for (const tile of wanted) {
      if (this.seen.has(tile)) continue;
      this.seen.set(tile, true);
      this.resize.observe(tile);
      this.sight.observe(tile);
    }
  }

  /** By the tiles' keys. */
  now(): Map<string, number> {
    const result = new Map<string, number>();
    for (const [tile, seen] of this.seen) {
      const { width, height } = tile.getBoundingClientRect();
      const shown = seen && document.visibilityState === 'visible';
      const key = (tile as HTMLElement).dataset['key'];
      if (key) result.set(key, shown ? neededHeight(width, height, devicePixelRatio) : 0);
    }
    return result;
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.changed(), CALM_MS);
  }
}
