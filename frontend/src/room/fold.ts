/**
 * The room's state is the fold of its event log: the same rules as `signaling/room.py`, in the browser.
 * Pure; an event kind added to the protocol and not handled here fails `tsc`.
 */

import { CHAT_SHOWN, type LoggedEvent, type ParticipantInfo, type RoomParticipant, type RoomSnapshot } from '../protocol/messages.gen';

export function emptyRoom(sessionId: string): RoomSnapshot {
  return {
    session_id: sessionId,
    seq: 0,
    state: 'waiting',
    epoch: 0,
    encrypted: false,
    patient_present: false,
    opened_at: null,
    live_since: null,
    ended_at: null,
    end_reason: null,
    participants: [],
    chat: [],
    chat_before: 0,
  };
}

const SILENT = { microphone: false, camera: false, screen: false, exam: false, auscultation: false } as const;

function arrived(room: RoomSnapshot, info: ParticipantInfo): RoomSnapshot {
  const known = room.participants.some((one) => one.info.participant_id === info.participant_id);
  return known
    ? change(room, info.participant_id, { info, state: 'waiting' })
    : { ...room, participants: [...room.participants, { info, state: 'waiting', ...SILENT }] };
}

function change(room: RoomSnapshot, id: string, patch: Partial<RoomParticipant>): RoomSnapshot {
  const participants = room.participants.map((one) => (one.info.participant_id === id ? { ...one, ...patch } : one));
  return { ...room, participants };
}

/** How many messages there have been. */
export const said = (room: RoomSnapshot): number => room.chat_before + room.chat.length;

/** The room after one more event. */
export function fold(before: RoomSnapshot, { seq, at, body }: LoggedEvent): RoomSnapshot {
  const room = { ...before, seq };
  switch (body.kind) {
    case 'session_opened':
      return { ...room, opened_at: at, encrypted: body.encrypted };
    case 'participant_arrived':
      return arrived(room, body.participant);
    case 'participant_admitted':
      return change(room, body.participant_id, { state: 'admitted' });
    case 'participant_entered':
      return change(room, body.participant_id, { state: 'in_room' });
    case 'participant_away':
      return change(room, body.participant_id, { state: 'away' });
    case 'participant_left':
      return change(room, body.participant_id, { state: 'left', ...SILENT });
    case 'patient_presence_changed':
      return { ...room, patient_present: body.present };
    case 'went_live':
      return { ...room, state: 'live', live_since: at };
    case 'media_changed': {
      const { microphone, camera, screen, exam, auscultation } = body;
      return change(room, body.participant_id, { microphone, camera, screen, exam, auscultation });
    }
    case 'withheld':
      return room; // not for this reader
    case 'line_changed':
      return room; // for the record; what shows now is told beside the log
    case 'chat_posted': {
      const { message_id, participant_id, text, document } = body;
      const all = [...room.chat, { message_id, participant_id, at, text, document }];
      const chat = all.slice(-CHAT_SHOWN);
      return { ...room, chat, chat_before: room.chat_before + all.length - chat.length };
    }
    case 'media_moved':
      return { ...room, epoch: body.epoch };
    case 'session_ended':
      return { ...room, state: 'ended', ended_at: at, end_reason: body.reason };
    default: {
      const never: never = body;
      throw new Error(`unknown event ${JSON.stringify(never)}`);
    }
  }
}
