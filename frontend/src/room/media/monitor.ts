/** Looks at the connection's figures five times a second: who speaks, how the line is, whether anything arrives at all. */

import type { Quality } from '../../protocol/messages.gen';
import type { Peer } from './peer';
import { grade, Judge, sample, type Sample } from './quality';

export interface MonitorPort {
  peer(): Peer | null;
  /** Whether bytes should be arriving: somebody is heard, or I send and am answered with reports. */
  expected(): boolean;
  /** Nothing has come for a while. */
  silent(): void;
  /** Nothing has come for a moment: it may be nothing, or another network. Told once. */
  hushed(): void;
  speaking(participants: readonly string[]): void;
  quality(quality: Quality): void;
  /** What the browser believes it can send, bit/s; every other second. */
  uplink(bitrate: number): void;
}

const EVERY_MS = 200;
/** The relay answers what is sent five times a second, and sound comes fifty times. */
const HUSHED_MS = 200;
/** Looks in a row at which something had come: only what flows steadily is missed at once. */
const STEADY_LOOKS = 5;
/** Between two looks while nothing comes. */
const HURRY_MS = 100;
/** The relay reports and asks even when everybody is quiet, so this much silence is the line. */
const FLAT_MS = 1_500;
const GRADE_MS = 2_000;
const UPLINK_MS = 2_000;
/** A browser begins with a low guess and finds out: told at once, every call would begin with a "weak line". */
const SETTLING_MS = 8_000;
const AUDIBLE = 0.015;

export class Monitor {
  private nextAt = 0;
  private busy = false;
  private peerId = '';
  private last: Sample | null = null;
  private graded: Sample | null = null;
  private movedAt = 0;
  private steady = 0;
  private flat = false;
  private hushed = false;
  private uplinkAt = -Infinity;
  private speakers = '';
  private readonly judge = new Judge();

  constructor(private readonly port: MonitorPort) {}

  tick(now: number): void {
    if (now < this.nextAt || this.busy) return;
    this.nextAt = now + EVERY_MS;
    const peer = this.port.peer();
    if (!peer) return;
    this.busy = true;
    void peer.connection
      .getStats()
      .then((report) => this.look(peer, sample(report.values() as Iterable<Record<string, unknown>>, now)))
      .finally(() => (this.busy = false));
  }

  /** Whether nothing has come lately, as far as was looked. */
  get quiet(): boolean {
    return this.hushed;
  }

  /** Take one sample into account. */
  look(peer: Peer, next: Sample): void {
    if (peer.id !== this.peerId) {
      // Counters of a new connection start at zero: nothing to compare with yet.
      this.peerId = peer.id;
      this.last = this.graded = next;
      this.movedAt = next.at;
      this.steady = 0;
      this.hushed = false;
      this.uplinkAt = next.at + SETTLING_MS - UPLINK_MS;
      return;
    }
    if (next.bytesReceived !== this.last?.bytesReceived) {
      this.movedAt = next.at;
      this.steady = this.hushed || this.flat ? 1 : this.steady + 1;
      this.hushed = this.flat = false;
    } else if (this.port.expected()) this.miss(next.at - this.movedAt);
    this.last = next;
    if (next.available !== null && next.at - this.uplinkAt >= UPLINK_MS) {
      this.uplinkAt = next.at;
      this.port.uplink(next.available);
    }
    this.listen(peer, next);
    if (this.graded && next.at - this.graded.at >= GRADE_MS) {
      const changed = this.judge.hear(grade(this.graded, next));
      this.graded = next;
      if (changed) this.port.quality(changed);
    }
  }

  private miss(forMs: number): void {
    this.flat = true;
    this.nextAt -= EVERY_MS - HURRY_MS;
    if (forMs >= HUSHED_MS && !this.hushed && this.steady >= STEADY_LOOKS) {
      this.hushed = true;
      this.port.hushed();
    }
    if (forMs >= FLAT_MS) this.port.silent();
  }

  private listen(peer: Peer, { levels }: Sample): void {
    const loud = peer.slots
      .filter((one) => one.source === 'microphone' && (levels[one.slot] ?? 0) > AUDIBLE)
      .map((one) => one.participant);
    const signature = loud.join();
    if (signature === this.speakers) return;
    this.speakers = signature;
    this.port.speaking(loud);
  }
}
