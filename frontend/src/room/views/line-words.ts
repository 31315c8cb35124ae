/** A line in words: what is left of the picture, and whose line or wish it is. */

import { r } from '../../i18n/room';
import type { LineReason, Quality, RoomParticipant } from '../../protocol/messages.gen';
import { fullName } from '../format';
import { getsOf, moves, seenOf, stepOf, type Standing } from '../lines';
import type { RoomState } from '../state';

export interface Sentence {
  readonly step: Quality;
  readonly text: string;
}

function cause(reason: LineReason, who: string): string {
  switch (reason) {
    case 'thin_line':
    case 'far_side':
      return r.line.thin(who);
    case 'loss':
      return r.line.loss(who);
    case 'delay':
      return r.line.delay(who);
    case 'by_hand':
      return r.line.byHand(who);
    case 'silent':
      return r.line.silent(who);
    case 'camera_off':
      return '';
  }
}

/** The sentence for one participant's tile; null when there is nothing to say. */
export function sentenceOf(state: RoomState, participant: RoomParticipant): Sentence | null {
  const id = participant.info.participant_id;
  const name = fullName(participant.info);
  const seen = seenOf(state, id);
  const mine = id === state.me;
  const trouble = (standing: Standing): boolean =>
    standing.reason !== null && standing.reason !== 'camera_off' && (stepOf(standing) !== 'good' || standing.reason === 'by_hand');
  if (trouble(seen) && seen.reason) {
    const who = seen.whose === 'mine' ? r.line.mine : name;
    const what = mine ? r.line.sent[seen.rung] : r.line.what[seen.rung];
    return { step: stepOf(seen), text: `${cause(seen.reason, who)}: ${what}` };
  }
  // They may hear me without seeing me: who talks to them should know.
  const theirs = getsOf(state, id);
  if (!mine && trouble(theirs) && theirs.reason && !moves(theirs.rung)) {
    return { step: stepOf(theirs), text: `${cause(theirs.reason, name)}: ${r.line.gets[theirs.rung]}` };
  }
  return null;
}
