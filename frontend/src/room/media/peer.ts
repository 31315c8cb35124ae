/**
 * One RTCPeerConnection to the media server: one server offer, one answer, never renegotiated.
 *
 * The offer's m-lines are fixed: up `m` (microphone), `c` (camera), `s` (screen); down `a0…` and `v0…`. A track comes and goes
 * by `replaceTrack`; whose source a downward line carries is told by `media_slots`.
 */

import type { SlotSource } from '../../protocol/messages.gen';
import type { Ways } from './ice';

export type UpKind = 'microphone' | 'camera' | 'screen';
export type Tracks = Readonly<Record<UpKind, MediaStreamTrack | null>>;

/** The part of RTCPeerConnection that is used, so that tests can stand in for it. */
export interface PeerConnection {
  readonly connectionState: RTCPeerConnectionState;
  readonly localDescription: { readonly sdp: string } | null;
  onconnectionstatechange: ((event: Event) => void) | null;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  createAnswer(): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(description: RTCSessionDescriptionInit): Promise<void>;
  getTransceivers(): Transceiver[];
  getConfiguration(): RTCConfiguration;
  setConfiguration(configuration: RTCConfiguration): void;
  getStats(): Promise<RTCStatsReport>;
  close(): void;
}

export interface Transceiver {
  readonly mid: string | null;
  direction: RTCRtpTransceiverDirection;
  readonly sender: {
    replaceTrack(track: MediaStreamTrack | null): Promise<void>;
    getParameters(): RTCRtpSendParameters;
    setParameters(parameters: RTCRtpSendParameters): Promise<void>;
  };
  readonly receiver: { readonly track: MediaStreamTrack };
}

const MIDS: Record<UpKind, string> = { microphone: 'm', camera: 'c', screen: 's' };
export const KINDS = Object.keys(MIDS) as UpKind[];

/** Bits per second at most. A screen needs sharp letters, a face does not. */
const MOST_BITRATE: Record<UpKind, number> = { microphone: 64_000, camera: 1_500_000, screen: 2_000_000 };

/** What arrives from one participant. */
export type RemoteTracks = Partial<Record<UpKind, MediaStreamTrack>>;
export type RemoteMedia = ReadonlyMap<string, RemoteTracks>;

export class Peer {
  slots: readonly SlotSource[] = [];

  constructor(
    readonly id: string,
    readonly connection: PeerConnection,
    onChange: () => void,
  ) {
    connection.onconnectionstatechange = onChange;
  }

  get state(): RTCPeerConnectionState {
    return this.connection.connectionState;
  }

  /** Take these ways to the media server. To be called before `answer`. */
  take(ways: Ways): void {
    this.connection.setConfiguration({ ...this.connection.getConfiguration(), ...ways });
  }

  /**
   * Take the offer, attach the tracks, give back the answer's SDP. `tracks` is asked when the lines are there: what is attached
   * from then on by `attach` or `replaceTrack` is not lost.
   *
   * Every upward line is set `sendonly` in this one answer, track or not: otherwise a camera found later could never be sent.
   */
  async answer(offer: string, tracks: () => Tracks): Promise<string> {
    const { connection } = this;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    for (const kind of KINDS) {
      const transceiver = this.transceiver(MIDS[kind]);
      if (!transceiver) continue;
      transceiver.direction = 'sendonly';
    }
    await this.attach(tracks());
    await connection.setLocalDescription(await connection.createAnswer());
    for (const kind of KINDS) await this.tune(kind);
    return connection.localDescription?.sdp ?? '';
  }

  /** Send these tracks from now on. */
  async attach(tracks: Tracks): Promise<void> {
    // All begin at once: none waits for the one before.
    await Promise.all(KINDS.map((kind) => this.replaceTrack(kind, tracks[kind])));
  }

  async replaceTrack(kind: UpKind, track: MediaStreamTrack | null): Promise<void> {
    await this.transceiver(MIDS[kind])?.sender.replaceTrack(track);
  }

  /** Who arrives here, by the slot table. */
  remote(): RemoteMedia {
    const media = new Map<string, RemoteTracks>();
    for (const { slot, participant, source } of this.slots) {
      const track = this.transceiver(slot)?.receiver.track;
      if (track) media.set(participant, { ...media.get(participant), [source]: track });
    }
    return media;
  }

  close(): void {
    this.connection.onconnectionstatechange = null;
    this.connection.close();
  }

  private transceiver(mid: string): Transceiver | undefined {
    return this.connection.getTransceivers().find((one) => one.mid === mid);
  }

  /** Ceilings and priorities are a wish: a browser that refuses them still sends. */
  private async tune(kind: UpKind): Promise<void> {
    const sender = this.transceiver(MIDS[kind])?.sender;
    if (!sender) return;
    try {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) {
        encoding.maxBitrate = MOST_BITRATE[kind];
        if (kind === 'microphone') encoding.networkPriority = encoding.priority = 'high';
      }
      await sender.setParameters(parameters);
    } catch {
      // The default limits of the browser stand.
    }
  }
}
