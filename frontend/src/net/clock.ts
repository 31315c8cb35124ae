/** Call `tick` ten times a second, in a hidden tab too. */
export function startClock(tick: () => void): () => void {
  const worker = new Worker(new URL('./clock.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = tick;
  return () => worker.terminate();
}
