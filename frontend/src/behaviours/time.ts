/** `<time datetime="…" data-relative>`: relative under an hour, else as the server wrote it. `data-due` counts down. */

import { t } from '../i18n';

const HOUR = 3_600_000;

/** What to show for a moment, or null when the server's own text should stand. */
export function relative(at: number, now: number, due: boolean): string | null {
  const minutes = Math.floor(Math.abs(now - at) / 60_000);
  if (Math.abs(now - at) >= HOUR) return null;
  if (due) return at > now ? t.time.in(Math.max(1, minutes)) : t.time.late(minutes);
  if (at > now) return null;
  return minutes === 0 ? t.time.now : t.time.ago(minutes);
}

function refresh(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-relative], time[data-due]')) {
    const at = Date.parse(element.dateTime);
    if (Number.isNaN(at)) continue;
    const due = 'due' in element.dataset;
    const whole = (element.dataset['whole'] ??= element.textContent ?? '');
    const text = relative(at, Date.now(), due) ?? whole;
    if (element.textContent !== text) element.textContent = text;
    element.title = whole;
    if (due) element.closest('.clock')?.classList.toggle('clock--late', at < Date.now());
  }
}

export function startTime(): void {
  refresh();
  setInterval(refresh, 15_000);
  document.body.addEventListener('htmx:afterSettle', refresh);
}
