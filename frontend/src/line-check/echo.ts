/** One real media connection to the relay, which sends our sound back: whether it comes up, by which route, and what is lost. */

import type { EchoFigures } from './grade';
import { Lost, type Line } from './line';

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- stats dictionaries are open by nature */
type Row = Record<string, any>;

export interface Route {
  readonly relayed: boolean;
  /** As technicians read it: "host udp", "relay tls". */
  readonly path: string;
}

const FIRST_PACKET_MS = 4_000;

export class Echo {
  private readonly id = crypto.randomUUID();
  private readonly connection: RTCPeerConnection;

  constructor(
    private readonly line: Line,
    servers: RTCIceServer[],
    relayOnly: boolean,
  ) {
    this.connection = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      iceServers: servers,
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
    });
  }

  /** Connect and hear the first packet come back; the milliseconds until connected. Throws `Lost`; closes itself then. */
  async open(sound: MediaStreamTrack, patienceMs: number): Promise<number> {
    const began = performance.now();
    try {
      const sdp = await this.line.join(this.id, patienceMs);
      const { connection } = this;
      await connection.setRemoteDescription({ type: 'offer', sdp });
      const up = connection.getTransceivers().find((one) => one.mid === 'm');
      if (!up) throw new Lost('bad_offer');
      up.direction = 'sendonly';
      await up.sender.replaceTrack(sound);
      await connection.setLocalDescription(await connection.createAnswer());
      const connected = this.connected(patienceMs);
      this.line.answer(this.id, connection.localDescription?.sdp ?? '');
      await connected;
      const took = performance.now() - began;
      await this.heard();
      return took;
    } catch (error) {
      this.close();
      throw error instanceof Lost ? error : new Lost('failed');
    }
  }

  close(): void {
    this.connection.close();
    this.line.leave(this.id);
  }

  async route(): Promise<Route> {
    const rows = await this.rows();
    const pair = chosenPair(rows);
    const local = rows.find((row) => row['id'] === pair?.['localCandidateId']);
    const relayed = local?.['candidateType'] === 'relay';
    const protocol = String((relayed && local?.['relayProtocol']) || local?.['protocol'] || '');
    return { relayed, path: `${String(local?.['candidateType'] ?? '')} ${protocol}`.trim() };
  }

  /** Watch the echo for a while. */
  async watch(ms: number): Promise<EchoFigures> {
    const before = echoCounters(await this.rows());
    await new Promise((resolve) => setTimeout(resolve, ms));
    return echoFigures(before, echoCounters(await this.rows()));
  }

  private async rows(): Promise<Row[]> {
    return [...(await this.connection.getStats()).values()] as Row[];
  }

  private connected(patienceMs: number): Promise<void> {
    const { connection } = this;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Lost('blocked')), patienceMs);
      connection.onconnectionstatechange = () => {
        if (connection.connectionState === 'connected') resolve();
        else if (connection.connectionState === 'failed' || connection.connectionState === 'closed') reject(new Lost('blocked'));
        else return;
        clearTimeout(timer);
      };
    });
  }

  private async heard(): Promise<void> {
    for (let waited = 0; waited < FIRST_PACKET_MS; waited += 100) {
      if (echoCounters(await this.rows()).received > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Lost('blocked');
  }
}

export interface EchoCounters {
  readonly received: number;
  readonly lost: number;
  readonly sent: number;
  /** Packets the relay says it did not get; null before its first report. */
  readonly lostUp: number | null;
  readonly jitter: number | null;
  readonly roundTrip: number | null;
}

function chosenPair(rows: readonly Row[]): Row | undefined {
  const transport = rows.find((row) => row['type'] === 'transport');
  return (
    rows.find((row) => row['id'] === transport?.['selectedCandidatePairId']) ??
    rows.find((row) => row['type'] === 'candidate-pair' && (row['selected'] || (row['nominated'] && row['state'] === 'succeeded')))
  );
}

export function echoCounters(rows: readonly Row[]): EchoCounters {
  const sum = (type: string, field: string): number =>
    rows
      .filter((row) => row['type'] === type && row['kind'] === 'audio')
      .reduce((total, row) => total + Number(row[field] ?? 0), 0);
  const inbound = rows.find((row) => row['type'] === 'inbound-rtp' && row['kind'] === 'audio' && row['packetsReceived']);
  const report = rows.find((row) => row['type'] === 'remote-inbound-rtp' && row['kind'] === 'audio');
  const roundTrip = chosenPair(rows)?.['currentRoundTripTime'];
  return {
    received: sum('inbound-rtp', 'packetsReceived'),
    lost: sum('inbound-rtp', 'packetsLost'),
    sent: sum('outbound-rtp', 'packetsSent'),
    lostUp: report ? Number(report['packetsLost'] ?? 0) : null,
    jitter: typeof inbound?.['jitter'] === 'number' ? inbound['jitter'] : null,
    roundTrip: typeof roundTrip === 'number' ? roundTrip : null,
  };
}

/** What happened between two looks. */
export function echoFigures(before: EchoCounters, after: EchoCounters): EchoFigures {
  const share = (lost: number, all: number): number | null => (all > 0 ? Math.min(1, Math.max(0, lost) / all) : null);
  const lost = after.lost - before.lost;
  const sent = after.sent - before.sent;
  return {
    lossUp: after.lostUp === null ? null : share(after.lostUp - (before.lostUp ?? 0), sent),
    lossDown: share(lost, after.received - before.received + Math.max(0, lost)),
    jitterMs: after.jitter === null ? null : after.jitter * 1000,
    rttMs: after.roundTrip === null ? null : after.roundTrip * 1000,
  };
}
