import { guestEn, staffEn } from './room-visit.en';
import { guestVi, staffVi, type Otherwise } from './room-visit.vi';
import { roomEn } from './room.en';
import { roomVi, type RoomTexts } from './room.vi';

/** The texts of a room with what is said otherwise in its kind. One level of groups, as the texts have. */
export function otherwise(texts: RoomTexts, other: Otherwise<RoomTexts>): RoomTexts {
  const merged: Record<string, unknown> = { ...texts };
  for (const [name, value] of Object.entries(other)) {
    merged[name] = typeof value === 'object' ? { ...(merged[name] as object), ...value } : value;
  }
  return merged as RoomTexts;
}

function chosen(): RoomTexts {
  if (typeof document === 'undefined') return roomVi;
  const { lang, dataset } = document.documentElement;
  const english = lang.startsWith('en');
  const texts = english ? roomEn : roomVi;
  // Which kind of room it is stands on the page before any script runs (templates/room/room.html).
  switch (dataset['room']) {
    case 'visit':
      return otherwise(texts, english ? staffEn : staffVi);
    case 'guest':
      return otherwise(texts, english ? guestEn : guestVi);
    default:
      return texts;
  }
}

export const r: RoomTexts = chosen();
