/**
 * One RTCPeerConnection to the media server: one server offer, one answer, never renegotiated with it.
 *
 * The offer's m-lines are fixed: up `m` (microphone), `c` (camera), `s` (screen); down `a0…` and `v0…`. A track comes and goes
 * by `replaceTrack`; whose source a downward line carries is told by `media_slots`.
 */

import type { SlotSource } from '../../protocol/messages.gen';
import { forAuscultation } from './exam';
import type { Ways } from './ice';
import { setEncodings } from './layers';

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

const MOST_BITRATE = { microphone: 32_000, screen: 2_000_000 };
/** Heart and lungs: all there is to hear. Speech needs half, and each packet goes along again with the next on a lossy line. */
const AUSCULTATION_BITRATE = 64_000;
/** A screen or an examination needs sharpness more than movement. */
const SCREEN_FRAMES = 10;
/** Taken for a camera that does not say how high its picture is. */
const USUAL_HEIGHT = 720;

/** What arrives from one participant. */
export type RemoteTracks = Partial<Record<UpKind, MediaStreamTrack>>;
export type RemoteMedia = ReadonlyMap<string, RemoteTracks>;

export class Peer {
  slots: readonly SlotSource[] = [];
  /** Somebody looks at still pictures of my camera. */
  stills = false;
  private wanted: readonly string[] | null = null;
  private soundOnly = false;
  private offer = '';
  /** Whether the connection sends the microphone as the sound of a body, not as a voice. */
  private auscultation = false;
  private readonly attached: { -readonly [K in UpKind]: Tracks[K] } = { microphone: null, camera: null, screen: null };
  /** One change of a sender's parameters at a time: what was read must not be old when it is written. */
  private settled: Promise<void> = Promise.resolve();

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
    this.offer = offer;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    for (const kind of KINDS) {
      const transceiver = this.transceiver(MIDS[kind]);
      if (!transceiver) continue;
      transceiver.direction = 'sendonly';
    }
    await this.attach(tracks());
    await connection.setLocalDescription(await connection.createAnswer());
    const answer = connection.localDescription?.sdp ?? '';
    await this.tune(...KINDS);
    return answer;
  }

  /** Send these tracks from now on. */
  async attach(tracks: Tracks): Promise<void> {
    // All begin at once: none waits for the one before.
    await Promise.all(KINDS.map((kind) => this.replaceTrack(kind, tracks[kind])));
  }

  async replaceTrack(kind: UpKind, track: MediaStreamTrack | null): Promise<void> {
    await this.transceiver(MIDS[kind])?.sender.replaceTrack(track);
    this.attached[kind] = track;
    // Another camera may have another size, another microphone may lie on a chest.
    if (track && kind !== 'screen' && this.connection.localDescription) void this.tune(kind);
  }

  /** Send these layers of the camera and no others. */
  async want(layers: readonly string[], stills: boolean): Promise<void> {
    this.wanted = layers;
    this.stills = stills;
    await this.tune('camera');
  }

  /** By hand: no moving picture leaves, whoever wants one. */
  async keepSound(on: boolean): Promise<void> {
    if (this.soundOnly === on) return;
    this.soundOnly = on;
    await this.tune('camera', 'screen');
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

  private async tune(...kinds: UpKind[]): Promise<void> {
    const turn = this.settled.then(async () => {
      if (kinds.includes('microphone')) await this.listen();
      for (const kind of kinds) await this.settle(kind);
    });
    this.settled = turn;
    await turn;
  }

  private get onChest(): boolean {
    return this.attached.microphone?.contentHint === 'music';
  }

  /**
   * Send the microphone as what it is now. Pauses and kind of coding are the other end's to ask for, so the server's offer is taken
   * once more, with other wishes. The server learns nothing of it: what it gets is Opus either way.
   */
  private async listen(): Promise<void> {
    const { connection, onChest } = this;
    if (this.auscultation === onChest || this.state === 'closed') return;
    try {
      await connection.setRemoteDescription({ type: 'offer', sdp: onChest ? forAuscultation(this.offer) : this.offer });
      await connection.setLocalDescription(await connection.createAnswer());
      this.auscultation = onChest;
    } catch {
      // It goes on as it was agreed before.
    }
  }

  /** Layers, ceilings and priorities are a wish: a browser that refuses them still sends. */
  private async settle(kind: UpKind): Promise<void> {
    const sender = this.transceiver(MIDS[kind])?.sender;
    if (!sender) return;
    try {
      const parameters = sender.getParameters();
      if (kind === 'camera') {
        const height = this.attached.camera?.getSettings?.().height ?? USUAL_HEIGHT;
        setEncodings(parameters.encodings, { height, wanted: this.wanted, silenced: this.soundOnly });
        parameters.degradationPreference = 'maintain-framerate';
      }
      for (const encoding of parameters.encodings) {
        if (kind === 'microphone') encoding.networkPriority = encoding.priority = 'high';
        if (kind !== 'camera') encoding.maxBitrate = MOST_BITRATE[kind];
        if (kind === 'microphone' && this.onChest) encoding.maxBitrate = AUSCULTATION_BITRATE;
        if (kind === 'screen') {
          encoding.active = !this.soundOnly;
          encoding.maxFramerate = SCREEN_FRAMES;
          parameters.degradationPreference = 'maintain-resolution';
        }
      }
      await sender.setParameters(parameters);
    } catch {
      // The default limits of the browser stand.
    }
  }
}
