/** A page kept by the service worker says from when it is. */
export function showOffline(page: Document, online: boolean): void {
  const notice = page.querySelector<HTMLElement>('[data-offline]');
  const at = Number(notice?.dataset['at'] ?? NaN);
  if (!notice || Number.isNaN(at)) return;
  const time = new Intl.DateTimeFormat(page.documentElement.lang, { dateStyle: 'short', timeStyle: 'short' });
  notice.textContent = `${page.body.dataset['asof'] ?? ''} ${time.format(at)}.`;
  notice.hidden = false;
  notice.dataset['online'] = String(online);
}
