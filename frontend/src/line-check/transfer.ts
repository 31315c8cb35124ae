/**
 * How fast the line is, by HTTP against our own server: small transfers first, larger while they are quick, so that a thin line is
 * not filled for longer than it must be and a thick one is not measured by its round trip.
 */

export interface Limits {
  readonly firstBytes: number;
  readonly mostBytes: number;
  /** Time a transfer may take before it is broken off. */
  readonly eachMs: number;
  /** Time after which no further transfer is begun. */
  readonly allMs: number;
}

export const WHOLE: Limits = { firstBytes: 16 * 1024, mostBytes: 1024 * 1024, eachMs: 8_000, allMs: 5_000 };
/** For the hourly measurement, beside which people work. */
export const LIGHT: Limits = { firstBytes: 16 * 1024, mostBytes: 256 * 1024, eachMs: 5_000, allMs: 2_000 };

export interface Transfer {
  readonly bytes: number;
  readonly ms: number;
  /** False: broken off; `bytes` is what had come through. */
  readonly whole: boolean;
}

const LONG_ENOUGH_MS = 1_000;

/** The size of the next transfer; null when the last one says enough. */
export function nextBytes(done: readonly Transfer[], { firstBytes, mostBytes, allMs }: Limits): number | null {
  const last = done.at(-1);
  if (!last) return firstBytes;
  const spent = done.reduce((sum, one) => sum + one.ms, 0);
  if (!last.whole || last.ms >= LONG_ENOUGH_MS || spent >= allMs || last.bytes >= mostBytes) return null;
  return Math.min(mostBytes, last.bytes * 4);
}

/** Kilobits a second of the last, largest transfer, without the round trip it began with; null when nothing came through. */
export function kbps(done: readonly Transfer[], roundTripMs: number): number | null {
  // A transfer that was refused after a whole one says less than the whole one.
  const best = [...done].reverse().find((one) => one.bytes > 0);
  if (!best) return null;
  const ms = Math.max(best.ms - roundTripMs, best.ms / 4, 1);
  return (best.bytes * 8) / ms;
}

export type Move = (bytes: number, patienceMs: number) => Promise<Transfer>;

export async function measure(move: Move, limits: Limits, roundTripMs: number): Promise<number | null> {
  const done: Transfer[] = [];
  for (let bytes = nextBytes(done, limits); bytes !== null; bytes = nextBytes(done, limits)) {
    done.push(await move(bytes, limits.eachMs));
  }
  return kbps(done, roundTripMs);
}

function run(prepare: (request: XMLHttpRequest) => () => number, patienceMs: number): Promise<Transfer> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const bytes = prepare(request);
    const began = performance.now();
    const end = (whole: boolean): void => resolve({ bytes: bytes(), ms: performance.now() - began, whole });
    request.timeout = patienceMs;
    request.onload = () => end(request.status >= 200 && request.status < 300);
    request.onerror = request.ontimeout = request.onabort = () => end(false);
  });
}

export function downFrom(url: string, headers: Readonly<Record<string, string>> = {}): Move {
  return (bytes, patienceMs) =>
    run((request) => {
      let got = 0;
      request.open('GET', `${url}?bytes=${bytes}`);
      say(request, headers);
      request.responseType = 'arraybuffer';
      request.onprogress = (event) => (got = event.loaded);
      request.send();
      // A refusal's sentence is no measurement.
      return () => (request.status >= 400 ? 0 : got);
    }, patienceMs);
}

export function upTo(url: string, headers: Readonly<Record<string, string>>): Move {
  return (bytes, patienceMs) =>
    run((request) => {
      let sent = 0;
      request.open('POST', url);
      say(request, headers);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.upload.onprogress = (event) => (sent = event.loaded);
      request.send(chance(bytes));
      return () => (request.status >= 400 ? 0 : sent);
    }, patienceMs);
}

function say(request: XMLHttpRequest, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
}

/** Bytes that nothing on the way can make smaller. */
function chance(length: number): ArrayBuffer {
  const data = new Uint8Array(length);
  const step = 65_536; // the most `getRandomValues` gives at once
  for (let at = 0; at < length; at += step) crypto.getRandomValues(data.subarray(at, Math.min(at + step, length)));
  return data.buffer;
}
