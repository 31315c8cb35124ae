/**
 * Everything the screen shows, as one value. `reduce` is pure: time comes with the input, effects are performed by `app.ts`.
 */

import type {
  Action,
  ChatLine,
  LoggedEvent,
  MediaLine,
  Permissions,
  Quality,
  RoomParticipant,
  RoomSnapshot,
  ServerMessage,
  SlotSource,
} from '../protocol/messages.gen';
import { NO_ENCRYPTION, type EncryptionStatus } from './e2ee/channel';
import { emptyRoom, fold, said } from './fold';
import type { Still } from './media/stills';

/** What this person wants: still checking devices, to be in, or gone (and why). */
export type Intent = 'checking' | 'in' | 'left' | 'removed';
export type Line = 'connecting' | 'open' | 'reconnecting' | 'closed';
export type MediaStatus = 'none' | 'joining' | 'connected' | 'rebuilding' | 'refused';
/** Whether sound and picture are encrypted end to end; `barred`: the room is, and this browser cannot. */
export type Protection = 'none' | 'on' | 'barred';
export type Drawer = 'case' | 'chat' | null;

/** What I send; the truth of my own buttons. */
export interface Sending {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  /** What is on the screen's line is a picture of the examination. */
  readonly exam: boolean;
  /** The microphone is on the patient's chest. */
  readonly auscultation: boolean;
}

export interface RoomState {
  readonly room: RoomSnapshot;
  readonly protection: Protection;
  readonly encryption: EncryptionStatus;
  readonly known: boolean;
  readonly me: string | null;
  readonly permissions: Permissions;
  readonly intent: Intent;
  readonly line: Line;
  /** WebSocket close code when `line` is closed. */
  readonly closeCode: number | null;
  readonly media: MediaStatus;
  readonly slots: readonly SlotSource[];
  readonly sending: Sending;
  readonly quality: Readonly<Record<string, Quality>>;
  /** How each participant's line stands, as the relay reports it. */
  readonly lines: Readonly<Record<string, MediaLine>>;
  /** By hand: sound only, both ways. */
  readonly soundOnly: boolean;
  /** The newest still picture of those whose pictures do not move here. */
  readonly stills: Readonly<Record<string, Still>>;
  /** Commands whose effect is not yet on screen. */
  readonly pending: Readonly<Record<string, Action>>;
  /** Acknowledged commands whose event is still on its way: key → sequence at which it is here. */
  readonly acked: Readonly<Record<string, number>>;
  readonly drawer: Drawer;
  /** Messages from before those of the room, as far as they have been read; without a gap up to there. */
  readonly earlier: readonly ChatLine[];
  /** Chat lines seen so far; the rest is unread. */
  readonly seenChat: number;
  readonly pinned: string | null;
  readonly speaking: readonly string[];
  /** The browser wants a gesture before it plays sound. */
  readonly soundBlocked: boolean;
  /** This machine's clock minus the server's, in ms, as far as it is known. */
  readonly clockOffset: number;
}

/** Earlier messages, as they are read on demand. */
export type ChatPage = Pick<RoomSnapshot, 'chat' | 'chat_before'>;

export type LocalEvent =
  | { kind: 'ready' }
  | { kind: 'leaving' }
  | { kind: 'returning' }
  | { kind: 'line'; line: Line; code?: number }
  | { kind: 'media'; status: MediaStatus }
  | { kind: 'encryption'; status: EncryptionStatus }
  | { kind: 'slots'; slots: readonly SlotSource[] }
  | { kind: 'sending'; sending: Sending }
  | { kind: 'my_quality'; quality: Quality }
  | { kind: 'sound_only'; on: boolean }
  | { kind: 'still'; participant: string; still: Still | null }
  | { kind: 'queued'; key: string; action: Action }
  | { kind: 'chat_page'; page: ChatPage }
  | { kind: 'drawer'; drawer: Drawer }
  | { kind: 'pinned'; participant: string | null }
  | { kind: 'speaking'; participants: readonly string[] }
  | { kind: 'sound_blocked'; blocked: boolean };

export type Input = { from: 'server'; message: ServerMessage; now: number } | { from: 'local'; event: LocalEvent };

const NO_PERMISSIONS: Permissions = { admit: false, mark_patient: false, remove: false, end_call: false };

export function initialState(sessionId: string, drawer: Drawer, protection: Protection = 'none'): RoomState {
  return {
    room: emptyRoom(sessionId),
    protection,
    encryption: NO_ENCRYPTION,
    known: false,
    me: null,
    permissions: NO_PERMISSIONS,
    intent: 'checking',
    line: 'connecting',
    closeCode: null,
    media: 'none',
    slots: [],
    sending: { microphone: false, camera: false, screen: false, exam: false, auscultation: false },
    quality: {},
    lines: {},
    soundOnly: false,
    stills: {},
    pending: {},
    acked: {},
    drawer,
    earlier: [],
    seenChat: 0,
    pinned: null,
    speaking: [],
    soundBlocked: false,
    clockOffset: 0,
  };
}

export function reduce(state: RoomState, input: Input): RoomState {
  return input.from === 'server' ? onMessage(state, input.message, input.now) : onLocal(state, input.event);
}

/** The participant I am, once the server has said so and I have arrived. */
export function myself(state: RoomState): RoomParticipant | undefined {
  return state.room.participants.find((one) => one.info.participant_id === state.me);
}

export function unread(state: RoomState): number {
  return Math.max(0, said(state.room) - state.seenChat);
}

/** The place in the chat of the oldest message shown: 0 when it is the first. */
export function firstShown(state: RoomState): number {
  return state.room.chat_before - state.earlier.length;
}

export type View = 'check' | 'waiting' | 'live' | 'ended';

/** Which screen is shown. */
export function viewOf(state: RoomState): View {
  if (state.room.state === 'ended' || state.intent === 'left' || state.intent === 'removed') return 'ended';
  if (state.line === 'closed') return 'ended';
  if (state.intent === 'checking') return 'check';
  const mine = myself(state)?.state;
  return mine === 'in_room' || mine === 'admitted' || mine === 'away' ? 'live' : 'waiting';
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/** Forget the acknowledged commands whose events are here. */
function arrivedUpTo(state: RoomState): RoomState {
  let next = state;
  for (const [key, seq] of Object.entries(state.acked)) {
    if (seq <= state.room.seq) next = { ...next, acked: without(next.acked, key), pending: without(next.pending, key) };
  }
  return next;
}

function apply(state: RoomState, events: readonly LoggedEvent[]): RoomState {
  let next = state;
  for (const event of events) {
    if (event.seq <= next.room.seq) continue; // seen already
    const { chat, chat_before } = next.room;
    next = { ...next, room: fold(next.room, event) };
    // What no longer belongs to the room is still shown here.
    const gone = chat.slice(0, next.room.chat_before - chat_before);
    if (gone.length) next = { ...next, earlier: [...next.earlier, ...gone] };
    const { body } = event;
    // What was last reported of a line says nothing about the next one of the same person.
    if (body.kind === 'participant_left') next = { ...next, lines: without(next.lines, body.participant_id) };
    if (body.kind === 'participant_left' && body.participant_id === state.me && body.reason === 'removed') {
      next = { ...next, intent: 'removed' };
    }
  }
  return arrivedUpTo(next.drawer === 'chat' ? { ...next, seenChat: said(next.room) } : next);
}

function onMessage(state: RoomState, message: ServerMessage, now: number): RoomState {
  switch (message.type) {
    case 'welcome': {
      const base: RoomState = {
        ...state,
        known: true,
        me: message.participant_id,
        permissions: message.permissions,
        room: message.snapshot ?? state.room,
        earlier: message.snapshot ? [] : state.earlier,
      };
      return apply(base, message.events);
    }
    case 'events': {
      const last = message.events.at(-1);
      const clockOffset = last ? now - Date.parse(last.at) : state.clockOffset;
      return { ...apply(state, message.events), clockOffset };
    }
    case 'ack':
      return arrivedUpTo({ ...state, acked: { ...state.acked, [message.key]: message.seq } });
    case 'refused': {
      // Not let into the waiting room: back to where one can try again, instead of waiting for nothing.
      const intent = state.pending[message.key]?.do === 'arrive' ? 'checking' : state.intent;
      return { ...state, intent, pending: without(state.pending, message.key) };
    }
    case 'participant_quality':
      return { ...state, quality: { ...state.quality, [message.participant_id]: message.quality } };
    case 'media_line':
      return { ...state, lines: { ...state.lines, [message.participant_id]: message } };
    case 'still_ready':
    case 'media_wanted':
    case 'problem':
    case 'media_offer':
    case 'media_connected':
    case 'media_lost':
    case 'media_slots':
    case 'draining':
    case 'e2ee_key':
    case 'e2ee_wrapped':
    case 'pong':
      return state; // no part of what is shown; the media session and the connection use them
    default: {
      const never: never = message;
      throw new Error(`unknown message ${JSON.stringify(never)}`);
    }
  }
}

function onLocal(state: RoomState, event: LocalEvent): RoomState {
  switch (event.kind) {
    case 'ready':
    case 'returning':
      return { ...state, intent: 'in' };
    case 'leaving':
      return { ...state, intent: 'left' };
    case 'line':
      return { ...state, line: event.line, closeCode: event.code ?? null };
    case 'media':
      return { ...state, media: event.status };
    case 'encryption':
      return { ...state, encryption: event.status };
    case 'slots':
      return { ...state, slots: event.slots };
    case 'sending':
      return { ...state, sending: event.sending };
    case 'my_quality':
      return state.me ? { ...state, quality: { ...state.quality, [state.me]: event.quality } } : state;
    case 'sound_only':
      return { ...state, soundOnly: event.on };
    case 'still': {
      const { participant, still } = event;
      return { ...state, stills: still ? { ...state.stills, [participant]: still } : without(state.stills, participant) };
    }
    case 'queued':
      return { ...state, pending: { ...state.pending, [event.key]: event.action } };
    case 'chat_page': {
      const { chat, chat_before } = event.page;
      // Asked for twice, or the room was read anew meanwhile: it would not fit.
      const fits = chat_before + chat.length === firstShown(state);
      return fits ? { ...state, earlier: [...chat, ...state.earlier] } : state;
    }
    case 'drawer':
      return { ...state, drawer: event.drawer, seenChat: event.drawer === 'chat' ? said(state.room) : state.seenChat };
    case 'pinned':
      return { ...state, pinned: event.participant };
    case 'speaking':
      return { ...state, speaking: event.participants };
    case 'sound_blocked':
      return { ...state, soundBlocked: event.blocked };
  }
}
