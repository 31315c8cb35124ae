/** Who is inside, from the room's log. Pure. */

import { myself, type RoomState } from '../state';
import type { Members } from './keyring';

const INSIDE: ReadonlySet<string> = new Set(['admitted', 'in_room', 'away']);

/** Whose line is gone keeps their place, and so their keys; who left does not. */
export function membersOf(state: RoomState): Members {
  const mine = myself(state);
  return {
    me: state.me ?? '',
    inside: state.intent === 'in' && mine !== undefined && INSIDE.has(mine.state),
    others: state.room.participants
      .filter((one) => one.info.participant_id !== state.me && INSIDE.has(one.state))
      .map((one) => one.info.participant_id),
  };
}
