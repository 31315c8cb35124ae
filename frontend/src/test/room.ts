/** People and events for tests. */

import type { LoggedEvent, ParticipantInfo, RoomEventBody, Side } from '../protocol/messages.gen';

export const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 24, 7, 0, seconds)).toISOString();

export function person(id: string, side: Side, name = `Người ${id}`): ParticipantInfo {
  return {
    participant_id: id,
    name,
    title: 'BS.',
    role: 'doctor',
    facility: side === 'hub' ? 'Bệnh viện tỉnh' : 'Trung tâm Y tế',
    side,
  };
}

/** A log from bodies, numbered from `first`, one a second. */
export function log(bodies: readonly RoomEventBody[], first = 1): LoggedEvent[] {
  return bodies.map((body, i) => ({ seq: first + i, at: at(first + i), body }));
}

export const arrived = (who: ParticipantInfo): RoomEventBody => ({ kind: 'participant_arrived', participant: who });
export const admitted = (id: string): RoomEventBody => ({ kind: 'participant_admitted', participant_id: id, by: null });
export const entered = (id: string): RoomEventBody => ({ kind: 'participant_entered', participant_id: id });
export const left = (id: string, reason: 'left' | 'removed' | 'lost' | 'ended' = 'left'): RoomEventBody => ({
  kind: 'participant_left',
  participant_id: id,
  reason,
});
export const sends = (id: string, microphone: boolean, camera: boolean, screen = false): RoomEventBody => ({
  kind: 'media_changed',
  participant_id: id,
  microphone,
  camera,
  screen,
  exam: false,
  auscultation: false,
});
export const said = (id: string, text: string): RoomEventBody => ({
  kind: 'chat_posted',
  message_id: `m-${text}`,
  participant_id: id,
  text,
  document: null,
});

export const inRoom = (who: ParticipantInfo): RoomEventBody[] => [
  arrived(who),
  admitted(who.participant_id),
  entered(who.participant_id),
];
