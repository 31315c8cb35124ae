/** What measured figures mean: pure. The limits are those of `telehealth/lines/rules.py`, which has the last word in the verdict. */

import { outcome, type Figures, type Outcome } from './outcome';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 ? high : (high + (sorted[middle - 1] ?? high)) / 2;
}

const round = (value: number, digits = 0): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The parts of a browser a call needs, present or not. */
export interface Abilities {
  readonly secure: boolean;
  readonly parts: Readonly<Record<string, boolean>>;
}

export function gradeBrowser(name: string, { secure, parts }: Abilities): Outcome {
  const missing = Object.keys(parts).filter((part) => !parts[part]);
  const figures: Figures = missing.length ? { browser: name, missing: missing.join(', ') } : { browser: name };
  if (!secure) return outcome('bad', 'insecure', figures);
  return missing.length ? outcome('bad', 'old', figures) : outcome('good', '', figures);
}

/** Name and main version as people know them, "Chrome 126"; never the whole user agent. */
export function browserName(userAgent: string): string {
  for (const [name, pattern] of [
    ['Edge', /Edg\/(\d+)/],
    ['Cốc Cốc', /coc_coc_browser\/(\d+)/],
    ['Opera', /OPR\/(\d+)/],
    ['Firefox', /Firefox\/(\d+)/],
    ['Chrome', /Chrom(?:e|ium)\/(\d+)/],
    ['Safari', /Version\/(\d+).*Safari/],
  ] as const) {
    const found = pattern.exec(userAgent);
    if (found) return `${name} ${found[1] ?? ''}`;
  }
  return 'Browser';
}

/** `level` is the loudest of the seconds listened, 0–1 on the meter's scale (0 is −60 dB). */
export function gradeLevel(level: number): Outcome {
  const figures = { level: round(level, 2) };
  return level >= 0.1 ? outcome('good', '', figures) : outcome('weak', 'silent', figures);
}

export function gradeFrames(frames: number, seconds: number, width: number, height: number): Outcome {
  const fps = round(frames / seconds);
  const figures = { size: `${width}×${height}`, fps };
  if (frames < 2) return outcome('bad', 'frozen', figures);
  return fps < 8 ? outcome('weak', 'slow', figures) : outcome('good', '', figures);
}

export function gradePulse(roundTrips: readonly number[]): Outcome {
  const figures = { rtt_ms: round(median(roundTrips)), rtt_most_ms: round(Math.max(...roundTrips)) };
  return figures.rtt_ms > 700 ? outcome('weak', 'slow', figures) : outcome('good', '', figures);
}

export function gradeRates(upKbps: number | null, downKbps: number | null): Outcome {
  const figures: Record<string, number> = {};
  if (downKbps !== null) figures['down_kbps'] = round(downKbps);
  if (upKbps !== null) figures['up_kbps'] = round(upKbps);
  if (upKbps === null || downKbps === null) return outcome('bad', 'failed', figures);
  const least = Math.min(upKbps, downKbps);
  if (least < 500) return outcome('bad', 'very_thin', figures);
  return least < 1500 ? outcome('weak', 'thin', figures) : outcome('good', '', figures);
}

/** What came back from the relay; shares 0–1, null when not known. */
export interface EchoFigures {
  readonly lossUp: number | null;
  readonly lossDown: number | null;
  readonly jitterMs: number | null;
  readonly rttMs: number | null;
}

export function gradeEcho(echo: EchoFigures): Outcome {
  const figures: Record<string, number> = {};
  if (echo.lossUp !== null) figures['loss_up'] = round(echo.lossUp, 4);
  if (echo.lossDown !== null) figures['loss_down'] = round(echo.lossDown, 4);
  if (echo.jitterMs !== null) figures['jitter_ms'] = round(echo.jitterMs);
  if (echo.rttMs !== null) figures['rtt_ms'] = round(echo.rttMs);
  const loss = Math.max(echo.lossUp ?? 0, echo.lossDown ?? 0);
  if (loss > 0.1) return outcome('bad', 'very_lossy', figures);
  if ((echo.rttMs ?? 0) > 3000) return outcome('bad', 'slow', figures);
  if (loss > 0.03) return outcome('weak', 'lossy', figures);
  if ((echo.rttMs ?? 0) > 700) return outcome('weak', 'slow', figures);
  if ((echo.jitterMs ?? 0) > 60) return outcome('weak', 'uneven', figures);
  return outcome('good', '', figures);
}

export function gradeReturn(socketMs: number, mediaMs: number): Outcome {
  const figures = { socket_ms: round(socketMs), media_ms: round(mediaMs) };
  return Math.max(socketMs, mediaMs) > 8_000 ? outcome('weak', 'slow', figures) : outcome('good', '', figures);
}
