import { r } from '../../i18n/room';
import type { RoomParticipant, Side } from '../../protocol/messages.gen';
import type { RemoteMedia, Tracks } from '../media/peer';
import { moves, seenOf, stepOf, worse } from '../lines';
import type { RoomState } from '../state';
import { h, Keyed } from './dom';
import { sentenceOf } from './line-words';
import { Tile, type TileActions, type TileItem } from './tile';

type Keyd = readonly [key: string, item: TileItem];

/** Everybody with a place on the stage, as tiles; a shared screen is a tile of its own. Pure, so that its order can be tested. */
export function tilesOf(state: RoomState, remote: RemoteMedia, own: Tracks): Keyd[] {
  const items: Keyd[] = [];
  for (const participant of state.room.participants) {
    const id = participant.info.participant_id;
    const mine = id === state.me;
    if (participant.state === 'left' || (!mine && participant.state !== 'in_room' && participant.state !== 'away')) continue;
    const tracks = mine ? own : remote.get(id);
    // My own tile follows my own buttons at once, not the log.
    const shown: RoomParticipant = mine ? { ...participant, ...state.sending } : participant;
    const base = {
      participant: shown,
      quality: worse(state.quality[id] ?? 'good', stepOf(seenOf(state, id))),
      line: sentenceOf(state, participant),
      moving: moves(seenOf(state, id).rung),
      still: state.stills[id],
      mine,
      canPin: false,
      canRemove: state.permissions.remove && !mine,
    };
    const tile = (kind: 'camera' | 'screen'): Keyd => {
      const key = kind === 'camera' ? id : `${id}/screen`;
      return [
        key,
        {
          ...base,
          kind,
          // Of a line one word is enough, on the face.
          ...(kind === 'screen' ? { line: null, still: undefined } : {}),
          track: tracks?.[kind] ?? null,
          speaking: kind === 'camera' && state.speaking.includes(id),
          pinned: state.pinned === key,
        },
      ];
    };
    items.push(tile('camera'));
    // A machine's picture comes as a screen its participant does not share themselves.
    if ((shown.screen || tracks?.screen) && !mine) items.push(tile('screen'));
  }
  // With two there is nothing to choose.
  return items.length > 2 ? items.map(([key, item]) => [key, { ...item, canPin: true }]) : items;
}

/** Who is big: what was pinned, else a shared screen, else the other side, else anybody else, else me. Never jumps with the speaker. */
export function featured(items: readonly Keyd[], side: Side): string | null {
  const pick =
    items.find(([, item]) => item.pinned) ??
    items.find(([, item]) => item.kind === 'screen') ??
    items.find(([, item]) => !item.mine && item.participant.info.side !== side && item.participant.state === 'in_room') ??
    items.find(([, item]) => !item.mine && item.participant.state === 'in_room') ??
    items.find(([, item]) => !item.mine) ??
    items[0];
  return pick?.[0] ?? null;
}

/** The pictures: one big, the others in a strip (or in the corner when there are only two people). */
export class Stage {
  readonly element: HTMLElement;
  private readonly tiles: Keyed<TileItem, Tile>;

  constructor(
    private readonly side: Side,
    actions: TileActions,
  ) {
    this.element = h('section', { class: 'stage', 'aria-label': r.lead.live });
    this.tiles = new Keyed(
      this.element,
      (_, key) => new Tile(key, actions),
      (tile, item) => tile.update(item),
      (tile) => tile.dispose(),
    );
  }

  update(state: RoomState, remote: RemoteMedia, own: Tracks): void {
    const items = tilesOf(state, remote, own);
    const big = featured(items, this.side);
    // The order in the page never changes with who is big (grid areas do that): moving a video would restart it.
    this.tiles.show(items);
    this.element.dataset['tiles'] = String(items.length);
    this.element.style.setProperty('--small', String(Math.max(1, items.length - 1)));
    for (const tile of this.element.querySelectorAll<HTMLElement>('.tile')) {
      tile.classList.toggle('tile--big', tile.dataset['key'] === big);
    }
  }
}
