import type { Side } from '../protocol/messages.gen';

export type RoomKind = 'consultation' | 'visit' | 'guest';

/** What the server puts into `<script type="application/json" id="room-boot">`. */
export interface Boot {
  readonly session_id: string;
  readonly request_id: string;
  readonly ws_url: string;
  readonly language: string;
  readonly panel_url: string;
  readonly upload_url: string;
  /** Where files shown in the chat are: followed by a document's id and a slash. */
  readonly documents_url: string;
  readonly devices_url: string;
  /** Where earlier messages are: followed by the place before which they stand and a slash. */
  readonly chat_url: string;
  /** Where my still pictures go. */
  readonly still_url: string;
  /** Where the others' are: followed by a participant's id and a slash. */
  readonly stills_url: string;
  /** The other side's telephone, for when nothing else gets through; "" when none is known. */
  readonly phone: { readonly place: string; readonly number: string };
  readonly leave_url: string;
  /** Which door one came by: `guest` is somebody without an account, in a visit. */
  readonly kind: RoomKind;
  /** Where a guest's place in the line is told (JSON); "" for everybody else. */
  readonly place_url: string;
  readonly me: { name: string; title: string; role: string; facility: string; side: Side };
  readonly patient: { label: string };
  readonly request: { code: string; urgency: string; urgency_label: string };
  /** Sound and picture end to end: fixed when the room was opened. */
  readonly encrypted: boolean;
  readonly csrf_token: string;
}

export function readBoot(): Boot {
  const script = document.getElementById('room-boot');
  if (!script?.textContent) throw new Error('room-boot is missing');
  return JSON.parse(script.textContent) as Boot;
}
