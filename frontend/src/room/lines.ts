/** How far the picture between two people has come down, and why: what the relay reports, put together for one pair of eyes. Pure. */

import type { LineReason, LineRung, Quality } from '../protocol/messages.gen';
import type { RoomState } from './state';

/** Best first, as `media.core.ladder` has it. */
const RUNGS: readonly LineRung[] = ['full', 'half', 'quarter', 'low_rate', 'still', 'sound', 'writing'];
const QUALITIES: readonly Quality[] = ['good', 'weak', 'poor'];

export interface Standing {
  readonly rung: LineRung;
  /** Null exactly where nothing is in the way. */
  readonly reason: LineReason | null;
  /** Whose line or wish it is: theirs whose picture this is, or mine. */
  readonly whose: 'mine' | 'theirs';
}

const WHOLE: Standing = { rung: 'full', reason: null, whose: 'mine' };

const below = (one: LineRung, other: LineRung): boolean => RUNGS.indexOf(one) > RUNGS.indexOf(other);

/** Whether pictures move on a rung. */
export const moves = (rung: LineRung): boolean => below('still', rung);

/**
 * What `me` gets of a participant: the lower of what they can send and what I can receive. Of my own picture: what the others can
 * get at most.
 */
export function seenOf(state: RoomState, id: string): Standing {
  const mine = state.me ? state.lines[state.me] : undefined;
  const theirs = state.lines[id];
  if (state.soundOnly) return { rung: 'sound', reason: 'by_hand', whose: 'mine' };
  if (id === state.me) return mine ? carried(state, { rung: mine.up, reason: mine.up_reason, whose: 'mine' }) : WHOLE;
  const up: Standing = theirs ? { rung: theirs.up, reason: theirs.up_reason, whose: 'theirs' } : WHOLE;
  const down: Standing = mine ? { rung: mine.down, reason: mine.down_reason, whose: 'mine' } : WHOLE;
  return carried(state, below(up.rung, down.rung) ? up : down);
}

/** The server sees no picture of an encrypted room, so there are no stills in one: their rung is sound. */
function carried(state: RoomState, standing: Standing): Standing {
  return state.room.encrypted && standing.rung === 'still' ? { ...standing, rung: 'sound' } : standing;
}

/** What a participant gets of everybody: worth knowing for whoever talks to them. */
export function getsOf(state: RoomState, id: string): Standing {
  const line = state.lines[id];
  return line ? carried(state, { rung: line.down, reason: line.down_reason, whose: 'theirs' }) : WHOLE;
}

/** Three honest steps. What people chose themselves is no fault of a line. */
export function stepOf({ rung, reason }: Standing): Quality {
  if (reason === 'by_hand' || reason === 'camera_off' || rung === 'full' || rung === 'half') return 'good';
  return moves(rung) ? 'weak' : 'poor';
}

export function worse(one: Quality, other: Quality): Quality {
  return QUALITIES.indexOf(one) >= QUALITIES.indexOf(other) ? one : other;
}

const STANDS_MS = 4_000;
const APART_MS = 15_000;

/** Says aloud how lines have changed, without chattering: only what has stood for a while, one sentence at a time. */
export class Calm {
  private readonly heard = new Map<string, { text: string; since: number }>();
  private readonly said = new Map<string, string>();
  private saidAt = -Infinity;

  /** Take in the sentence about each line, "" for a good one; return what to say now, if anything. */
  hear(sentences: ReadonlyMap<string, string>, now: number): { key: string; text: string } | null {
    for (const [key, text] of sentences) {
      if (this.heard.get(key)?.text !== text) this.heard.set(key, { text, since: now });
    }
    for (const key of this.heard.keys()) if (!sentences.has(key)) this.heard.delete(key);
    if (now - this.saidAt < APART_MS) return null;
    for (const [key, { text, since }] of this.heard) {
      if (text === (this.said.get(key) ?? '') || now - since < STANDS_MS) continue;
      this.said.set(key, text);
      this.saidAt = now;
      return { key, text };
    }
    return null;
  }
}
