/** How good the line is, from the browser's own figures: three honest steps, slow to praise and quicker to warn. */

import type { Quality } from '../../protocol/messages.gen';

/** Counters of one moment, added up over all streams of the connection. */
export interface Sample {
  readonly at: number;
  readonly bytesReceived: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Share of what I send that the server did not get, 0–1; null when unknown. */
  readonly lostUp: number | null;
  /** Seconds. */
  readonly roundTrip: number | null;
  readonly jitter: number;
  /** Frames a second decoded, of the slowest picture that should move; null without one. */
  readonly framesPerSecond: number | null;
  /** Bit/s the browser believes it can send; null when it does not say. */
  readonly available: number | null;
  /** Loudness by mid, 0–1. */
  readonly levels: Readonly<Record<string, number>>;
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- stats dictionaries are open by nature */
type Row = Record<string, any>;

/** Read a stats report. Only lines in use count: idle slots say nothing about the line. */
export function sample(report: Iterable<Row>, now: number): Sample {
  const result = {
    at: now,
    bytesReceived: 0,
    packetsReceived: 0,
    packetsLost: 0,
    lostUp: null as number | null,
    roundTrip: null as number | null,
    jitter: 0,
    framesPerSecond: null as number | null,
    available: null as number | null,
    levels: {} as Record<string, number>,
  };
  for (const row of report) {
    if (row['type'] === 'candidate-pair' && (row['nominated'] || row['state'] === 'succeeded')) {
      result.bytesReceived += row['bytesReceived'] ?? 0;
      if (typeof row['availableOutgoingBitrate'] === 'number') result.available = row['availableOutgoingBitrate'];
      if (typeof row['currentRoundTripTime'] === 'number') {
        result.roundTrip = Math.max(result.roundTrip ?? 0, row['currentRoundTripTime']);
      }
    } else if (row['type'] === 'remote-inbound-rtp') {
      if (typeof row['fractionLost'] === 'number') result.lostUp = Math.max(result.lostUp ?? 0, row['fractionLost']);
    } else if (row['type'] === 'inbound-rtp' && row['packetsReceived']) {
      result.packetsReceived += row['packetsReceived'];
      result.packetsLost += Math.max(0, row['packetsLost'] ?? 0);
      if (row['kind'] === 'audio') {
        result.jitter = Math.max(result.jitter, row['jitter'] ?? 0);
        if (typeof row['audioLevel'] === 'number' && row['mid']) result.levels[row['mid']] = row['audioLevel'];
      }
      if (row['kind'] === 'video' && typeof row['framesPerSecond'] === 'number') {
        result.framesPerSecond = Math.min(result.framesPerSecond ?? Infinity, row['framesPerSecond']);
      }
    }
  }
  return result;
}

/** Grade the stretch between two samples. */
export function grade(before: Sample, after: Sample): Quality {
  const lost = Math.max(0, after.packetsLost - before.packetsLost);
  const received = Math.max(0, after.packetsReceived - before.packetsReceived);
  const loss = Math.max(lost / Math.max(1, lost + received), after.lostUp ?? 0);
  const roundTrip = after.roundTrip ?? 0;
  if (loss > 0.1 || roundTrip > 0.8 || after.jitter > 0.15) return 'poor';
  if (loss > 0.03 || roundTrip > 0.35 || after.jitter > 0.06) return 'weak';
  // A still or dark picture is slow by right; only next to nothing counts, and never as more than weak.
  if (after.framesPerSecond !== null && after.framesPerSecond > 0 && after.framesPerSecond < 5) return 'weak';
  return 'good';
}

const ORDER: readonly Quality[] = ['good', 'weak', 'poor'];

/** Two bad stretches to warn, four good ones to praise: the mark must not flicker. */
export class Judge {
  quality: Quality = 'good';
  private worse = 0;
  private better = 0;

  /** The new quality when it changed, else null. */
  hear(graded: Quality): Quality | null {
    const difference = ORDER.indexOf(graded) - ORDER.indexOf(this.quality);
    this.worse = difference > 0 ? this.worse + 1 : 0;
    this.better = difference < 0 ? this.better + 1 : 0;
    if (this.worse < 2 && this.better < 4) return null;
    this.worse = this.better = 0;
    this.quality = graded;
    return graded;
  }
}
