import { r } from '../../i18n/room';
import { setText } from '../../ui/dom';
import { clockTime } from '../format';
import { h, icon } from './dom';

const AGAIN_MS = 20_000;

/** What the server says of a guest's place: how many come before, and between which times one is likely let in. */
export interface Place {
  readonly ahead: number;
  readonly from: string;
  readonly to: string;
}

/** Where a guest stands in the line, asked anew every twenty seconds while it is on screen. Without an answer the last one stands. */
export class PlaceInLine {
  readonly element = h('p', { class: 'board__place', role: 'status', hidden: true });
  private readonly words = h('span');

  constructor(private readonly url: string) {
    this.element.append(icon('clock'), this.words);
    void this.ask();
    setInterval(() => {
      if (this.element.isConnected && this.element.checkVisibility?.() !== false) void this.ask();
    }, AGAIN_MS);
  }

  private async ask(): Promise<void> {
    try {
      const response = await fetch(this.url, { headers: { Accept: 'application/json' } });
      if (!response.ok) return;
      const place = (await response.json()) as Place;
      setText(this.words, r.board.place(place.ahead, clockTime(place.from), clockTime(place.to)));
      this.element.hidden = false;
    } catch {
      // The next one may come through; the room's own line says when ours is broken.
    }
  }
}
