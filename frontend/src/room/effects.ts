/** What people should hear of when the room changes: sentences for screen readers and toasts. Pure. */

import { r } from '../i18n/room';
import type { RoomSnapshot } from '../protocol/messages.gen';
import { said } from './fold';
import { fullName } from './format';

export interface Spoken {
  readonly text: string;
  /** Also shown, because it may call for an action. */
  readonly show: boolean;
}

/** The sentences for the step from one room to the next, as `me` hears them. */
export function spoken(before: RoomSnapshot, after: RoomSnapshot, me: string | null): Spoken[] {
  const result: Spoken[] = [];
  if (before.seq === 0 || after.seq === before.seq) return result;
  const old = new Map(before.participants.map((one) => [one.info.participant_id, one.state]));
  const names = new Map<string, string>();
  for (const { info, state } of after.participants) {
    names.set(info.participant_id, fullName(info));
    const was = old.get(info.participant_id);
    if (info.participant_id === me || was === state) continue;
    const name = fullName(info);
    if (state === 'waiting') result.push({ text: r.say.waiting(name), show: false });
    else if (state === 'in_room') result.push({ text: r.say.entered(name), show: was !== 'away' });
    else if (state === 'away') result.push({ text: r.say.away(name), show: false });
    else if (state === 'left' && was !== undefined) result.push({ text: r.say.left(name), show: was !== 'waiting' });
  }
  const listened = new Set(before.participants.filter((one) => one.auscultation).map((one) => one.info.participant_id));
  for (const { info, auscultation } of after.participants) {
    if (auscultation && !listened.has(info.participant_id) && info.participant_id !== me)
      result.push({ text: r.say.theirAuscultation(fullName(info)), show: true });
  }
  if (before.state === 'waiting' && after.state === 'live') result.push({ text: r.say.live, show: false });
  if (!before.patient_present && after.patient_present) result.push({ text: r.say.patientPresent, show: false });
  const fresh = said(after) - said(before);
  for (const line of fresh > 0 ? after.chat.slice(-fresh) : []) {
    if (line.participant_id === me) continue;
    const name = names.get(line.participant_id) ?? '';
    result.push({ text: line.document ? r.say.file(name, line.document.name) : r.say.chat(name, line.text), show: false });
  }
  return result;
}
