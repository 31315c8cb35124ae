/**
 * The board of a waiting room: one tile a room, the newest call large. When the line is lost it keeps what it shows and says from
 * when that is; a call made meanwhile is shown, but not called out, when the line is back.
 */

import { q } from '../i18n/queues';
import type { ServerMessage, TicketInfo } from '../protocol/queues.gen';
import { h, setText } from '../ui/dom';
import type { Line } from './connection';
import { clockText } from './format';
import { connect, readBoot, type Boot } from './start';
import { after, callsIn, inRoom, type Call, type QueueState } from './state';
import { Voice } from './voice/player';

interface BoardBoot extends Boot {
  readonly voice: string;
}

const FLASH_MS = 12_000;
const COME_BACK_MS = 60_000;

interface Tile {
  readonly element: HTMLElement;
  readonly code: HTMLElement;
  readonly label: HTMLElement;
}

export class Board {
  private readonly boot = readBoot<BoardBoot>();
  private state: QueueState | null = null;
  private voice: Voice | null = null;
  private heardAt = new Date();
  private line: Line = 'open';
  private layout = '';
  private readonly tiles = new Map<string, Tile>();
  private readonly footer = h('ul', { class: 'board-next' });

  constructor(private readonly place: HTMLElement) {
    connect(this.boot.socket_url, (message) => this.hear(message), (line, code) => this.lineIs(line, code));
    setInterval(() => this.tick(), 1_000);
    this.part('sound').addEventListener('click', () => void this.allowSound());
    document.addEventListener('keydown', () => void this.allowSound());
    this.tick();
  }

  private hear(message: ServerMessage): void {
    this.heardAt = new Date();
    const before = this.state;
    this.state = after(before, message);
    const state = this.state;
    if (!state) return;
    if (message.type === 'welcome') this.prepare(state);
    this.show(state);
    // What was called while the line was gone is old: people see it; calling it out now would only confuse.
    if (message.type === 'events') for (const call of callsIn(state, message.events)) this.call(call);
  }

  private prepare(state: QueueState): void {
    this.voice ??= new Voice(this.boot.voice, state.area.voices);
    const layout = JSON.stringify(state.area);
    if (layout === this.layout) return;
    this.layout = layout;
    this.tiles.clear();
    for (const room of state.area.rooms) {
      const code = h('p', { class: 'board-tile__code' });
      const label = h('p', { class: 'board-tile__label' });
      const element = h('article', { class: 'board-tile' }, h('h2', { class: 'board-tile__room' }, room.name), code, label);
      this.tiles.set(room.room_id, { element, code, label });
    }
    const grid = h('div', { class: 'board-grid', 'data-rooms': Math.min(state.area.rooms.length, 12) });
    grid.append(...[...this.tiles.values()].map(({ element }) => element));
    this.place.replaceChildren(grid, this.footer);
  }

  private show(state: QueueState): void {
    for (const [roomId, tile] of this.tiles) {
      const ticket = inRoom(state, roomId);
      if (tile.code.textContent !== ticket?.code) tile.element.classList.remove('board-tile--new');
      tile.element.dataset['state'] = ticket?.state ?? 'free';
      tile.element.dataset['series'] = ticket?.series ?? '';
      setText(tile.code, ticket?.code ?? '–');
      setText(tile.label, ticket?.label ?? '');
    }
    const items = (state.forecast?.services ?? []).map(({ service_id, waiting, next }) => {
      const service = state.area.services.find((one) => one.service_id === service_id);
      const codes = next
        .map(({ ticket_id }) => state.tickets.get(ticket_id))
        .filter((ticket): ticket is TicketInfo => ticket !== undefined && ticket.state !== 'called')
        .slice(0, 5)
        .map(({ code }) => code);
      return h(
        'li',
        {},
        h('span', { class: 'board-next__service' }, service?.name ?? ''),
        h('span', { class: 'board-next__codes' }, codes.length > 0 ? `${q.board.next}: ${codes.join('  ')}` : ''),
        h('span', { class: 'board-next__count' }, q.board.waiting(waiting)),
      );
    });
    this.footer.replaceChildren(...items);
  }

  private call(call: Call): void {
    const state = this.state;
    const room = state?.area.rooms.find(({ name }) => name === call.room);
    const tile = room && this.tiles.get(room.room_id);
    if (tile) {
      tile.element.classList.remove('board-tile--new');
      void tile.element.offsetWidth; // begin the flash anew
      tile.element.classList.add('board-tile--new');
      setTimeout(() => tile.element.classList.remove('board-tile--new'), FLASH_MS);
    }
    this.voice?.say(call);
  }

  private lineIs(line: Line, code?: number): void {
    this.line = line;
    document.body.dataset['line'] = line;
    // For good: the board was taken away, or is too old. Look again after a while, it may have been a mistake.
    if (line === 'closed') setTimeout(() => location.reload(), COME_BACK_MS);
    const place = this.part('line');
    place.hidden = line === 'open';
    if (line === 'lost') setText(place, q.lost(clockText(this.heardAt, this.boot.language)));
    if (line === 'closed') setText(place, code === 4401 ? q.signedOut : q.closed);
  }

  private tick(): void {
    setText(this.part('clock'), clockText(new Date(), this.boot.language));
    this.part('sound').hidden = this.voice === null || this.voice.allowed;
    // A line that is open but silent is noticed by the heartbeat; until then what is shown is what is true.
    if (this.line === 'open') this.heardAt = new Date();
  }

  private async allowSound(): Promise<void> {
    await this.voice?.allow();
    this.tick();
  }

  private part(name: string): HTMLElement {
    return document.querySelector<HTMLElement>(`[data-part="${name}"]`) ?? this.place;
  }
}
