/**
 * `<input type="datetime-local" data-now="Asia/Ho_Chi_Minh">` in a `[data-repeat-row]`: the first value typed into an empty
 * row was measured about now, so an empty time becomes now, once. A time that was typed, or begun, or emptied again stays.
 */

/** A moment on the wall clock of a time zone, to the minute, as `datetime-local` takes it: `2026-11-24T14:03`. */
export function wallClock(at: Date, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
  return `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}`;
}

/** Rows whose time is the person's own by now. */
const settled = new WeakSet<HTMLInputElement>();

function onInput(event: Event): void {
  const typed = event.target;
  if (!(typed instanceof HTMLInputElement)) return;
  const row = typed.closest('[data-repeat-row]');
  const time = row?.querySelector<HTMLInputElement>('input[data-now]');
  if (!row || !time || settled.has(time)) return;
  if (typed === time) {
    settled.add(time);
    return;
  }
  const values = [...row.querySelectorAll('input')].filter((one) => one !== time && one.value !== '');
  if (values.length === 0) return;
  settled.add(time);
  // Half a time reads as empty, but is bad input.
  const free = time.value === '' && !time.validity.badInput;
  if (free && values.length === 1 && values[0] === typed) time.value = wallClock(new Date(), time.dataset['now'] ?? '');
}

export function startNow(): void {
  // Before autosave hears of the key stroke, so that its copy has the time too.
  document.addEventListener('input', onInput, { capture: true });
}
