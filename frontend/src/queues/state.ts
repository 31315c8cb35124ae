/** What a page knows of an area: the numbers (a fold of the log), the rooms, what is expected. Pure. */

import type {
  AreaInfo,
  Forecast,
  LoggedQueueEvent,
  QueueSnapshot,
  QueueWelcome,
  ServerMessage,
  TicketInfo,
} from '../protocol/queues.gen';

export interface QueueState {
  readonly area: AreaInfo;
  readonly day: string;
  readonly seq: number;
  readonly tickets: ReadonlyMap<string, TicketInfo>;
  readonly forecast: Forecast | null;
}

const GONE: readonly string[] = ['done', 'moved', 'cancelled'];

/** The numbers after these events; the server does the same (`queue_events.fold`). */
export function fold(
  tickets: ReadonlyMap<string, TicketInfo>,
  events: readonly LoggedQueueEvent[],
): ReadonlyMap<string, TicketInfo> {
  const after = new Map(tickets);
  for (const { ticket } of events) {
    if (GONE.includes(ticket.state)) after.delete(ticket.ticket_id);
    else after.set(ticket.ticket_id, ticket);
  }
  return after;
}

const fromSnapshot = (snapshot: QueueSnapshot): ReadonlyMap<string, TicketInfo> =>
  new Map(snapshot.tickets.map((ticket) => [ticket.ticket_id, ticket]));

/** The state after a message; null before the first welcome. */
export function after(state: QueueState | null, message: ServerMessage): QueueState | null {
  switch (message.type) {
    case 'welcome':
      return welcomed(state, message);
    case 'events':
      return (
        state && {
          ...state,
          seq: message.events[message.events.length - 1]?.seq ?? state.seq,
          tickets: fold(state.tickets, message.events),
        }
      );
    case 'forecast':
      return state && { ...state, forecast: message };
    default:
      return state;
  }
}

function welcomed(state: QueueState | null, message: QueueWelcome): QueueState {
  const before = message.snapshot ? fromSnapshot(message.snapshot) : (state?.tickets ?? new Map<string, TicketInfo>());
  return {
    area: message.area,
    day: message.day,
    seq: message.seq,
    tickets: fold(before, message.events),
    forecast: state?.forecast ?? null,
  };
}

/** Who a room has called and not let go. */
export function inRoom(state: QueueState, roomId: string): TicketInfo | null {
  for (const ticket of state.tickets.values()) {
    if (ticket.room_id === roomId && (ticket.state === 'called' || ticket.state === 'serving')) return ticket;
  }
  return null;
}

/** A call to be seen and heard. */
export interface Call {
  readonly code: string;
  readonly label: string;
  readonly room: string;
  readonly roomNumber: number | null;
  readonly kind: 'room' | 'counter';
  readonly again: boolean;
}

/** The calls among these events. */
export function callsIn(state: QueueState, events: readonly LoggedQueueEvent[]): Call[] {
  return events.flatMap(({ kind, ticket }) => {
    if (kind !== 'called' && kind !== 'recalled') return [];
    const room = state.area.rooms.find(({ room_id }) => room_id === ticket.room_id);
    if (!room) return [];
    const { code, label } = ticket;
    return [{ code, label, room: room.name, roomNumber: room.number, kind: room.kind, again: kind === 'recalled' }];
  });
}
