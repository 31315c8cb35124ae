import type { ParticipantInfo } from '../protocol/messages.gen';

/** `12:41`, `1:02:03`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

const WALL_CLOCK = new Intl.DateTimeFormat('vi-VN', {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'Asia/Ho_Chi_Minh',
});

/** The province's wall clock, whatever the PC thinks its zone is. */
export const clockTime = (iso: string): string => WALL_CLOCK.format(new Date(iso));

const WALL_SECONDS = new Intl.DateTimeFormat('vi-VN', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: 'Asia/Ho_Chi_Minh',
});

/** As `clockTime`, to the second: `14:03:12`. */
export const clockSeconds = (iso: string): string => WALL_SECONDS.format(new Date(iso));

/** With title, as people are addressed: `TS.BS. Nguyễn Thị Lan Anh`. */
export const fullName = (info: Pick<ParticipantInfo, 'name' | 'title'>): string => `${info.title} ${info.name}`.trim();

/** The given name's first letter, which is the last word in Vietnamese. */
export const initial = (name: string): string => name.trim().split(/\s+/).at(-1)?.[0]?.toUpperCase() ?? '?';

export function fileSize(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace('.', ',')} MB`;
}
