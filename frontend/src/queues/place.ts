/** The live place of whoever holds a ticket: a telephone's page, a few kilobytes. */

import { q } from '../i18n/queues';
import type { Place, ServerMessage } from '../protocol/queues.gen';
import { h, setText } from '../ui/dom';
import type { Line } from './connection';
import { clockText } from './format';
import { connect, readBoot } from './start';

const BUZZ = [300, 150, 300];

export class PlacePage {
  private readonly boot = readBoot();
  private last: Place | null = null;
  private heardAt = new Date();
  private readonly title = document.title;

  constructor(private readonly root: HTMLElement) {
    connect(this.boot.socket_url, (message) => this.hear(message), (line, code) => this.lineIs(line, code));
  }

  private hear(message: ServerMessage): void {
    this.heardAt = new Date();
    if (message.type !== 'place') return;
    const before = this.last;
    this.last = message;
    this.show(message);
    const called = message.state === 'called' && (before?.state !== 'called' || before.calls !== message.calls);
    const nearNow = message.near && !before?.near && before !== null;
    if (called || nearNow) navigator.vibrate?.(BUZZ);
  }

  private show(place: Place): void {
    setText(this.part('code'), place.code);
    setText(this.part('service'), place.service);
    const now = this.part('now');
    now.dataset['state'] = place.near && place.state !== 'called' ? 'near' : place.state;
    const { big, lines } = wordsOf(place, this.boot.language);
    now.replaceChildren(h('p', { class: 'place__big' }, big), ...lines.map((line) => h('p', {}, line)));
    const news = place.state === 'called' ? q.place.title.called : place.near ? q.place.title.near : '';
    document.title = news ? `${news} · ${place.code}` : this.title;
  }

  private lineIs(line: Line, code?: number): void {
    document.body.dataset['line'] = line;
    const place = this.part('line');
    place.hidden = line === 'open';
    if (line === 'lost') setText(place, q.lost(clockText(this.heardAt, this.boot.language)));
    if (line === 'closed') setText(place, code === 1008 ? q.lost(clockText(this.heardAt, this.boot.language)) : q.place.gone);
  }

  private part(name: string): HTMLElement {
    return this.root.querySelector<HTMLElement>(`[data-part="${name}"]`) ?? this.root;
  }
}

/** What a place says: the one thing that matters, and what stands behind it. */
export function wordsOf(place: Place, language: string): { big: string; lines: string[] } {
  const { place: words } = q;
  const lines: string[] = [];
  switch (place.state) {
    case 'called':
      return { big: words.called(place.room ?? place.service), lines: [place.place].filter(Boolean) };
    case 'serving':
      return { big: words.serving, lines };
    case 'done':
      return { big: words.done, lines };
    case 'cancelled':
      return { big: words.cancelled, lines };
    case 'moved':
      return { big: words.gone, lines };
    case 'skipped':
      return { big: words.skipped, lines: [words.skippedAbout(place.after_calls)] };
    case 'waiting':
    case 'returned':
      break;
  }
  if (place.near) lines.push(words.near);
  if (place.low !== null && place.high !== null) lines.push(q.minutes(place.low, place.high));
  if (place.basis !== null) lines.push(q.basis[place.basis](place.each_minutes ?? 1, place.rooms ?? 1));
  if (place.window_start !== null && place.window_end !== null && place.basis === 'window') {
    lines.push(words.window(clockText(place.window_start, language), clockText(place.window_end, language)));
  }
  if (place.state === 'returned' && place.after_calls) return { big: words.returned(place.after_calls), lines };
  return { big: place.ahead ? words.ahead(place.ahead) : words.first, lines };
}
