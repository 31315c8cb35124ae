/**
 * Wait for the first moving picture of somebody else in `place`, at most `mostMs`.
 *
 * Between the click that enters and that picture, the server and this machine are to do nothing that can wait.
 */
export function firstPicture(place: EventTarget, me: () => string | null, mostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const seen = (event: Event): void => {
      const whose = (event.target as Element).closest<HTMLElement>('.tile')?.dataset['participant'];
      if (whose !== undefined && whose !== me()) done();
    };
    const done = (): void => {
      clearTimeout(timer);
      place.removeEventListener('loadeddata', seen, true); // media events do not bubble, but they are captured
      resolve();
    };
    const timer = setTimeout(done, mostMs);
    place.addEventListener('loadeddata', seen, true);
  });
}
