/** Keeps the place in the line up to date: the page is fetched again and its one sentence taken over. */

const AGAIN_MS = 20_000;

export function follow(line: HTMLElement): void {
  setInterval(() => {
    if (document.visibilityState === 'visible') void look(line);
  }, AGAIN_MS);
}

async function look(line: HTMLElement): Promise<void> {
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.getElementById(line.id)?.querySelector('span');
    const shown = line.querySelector('span');
    // Over, moved or cancelled meanwhile: the page as a whole says so.
    if (!fresh) return location.reload();
    if (shown && fresh.textContent !== shown.textContent) shown.textContent = fresh.textContent;
  } catch {
    // The next look may come through.
  }
}
