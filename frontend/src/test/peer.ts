import type { PeerConnection, Transceiver } from '../room/media/peer';

export const track = (id: string, kind = 'video'): MediaStreamTrack => ({ id, kind }) as MediaStreamTrack;

export const MIDS = ['m', 'c', 's', 'a0', 'a1', 'v0', 'v1', 'v5'];

class FakeTransceiver implements Transceiver {
  direction: RTCRtpTransceiverDirection = 'inactive';
  sending: MediaStreamTrack | null = null;
  parameters = { encodings: [{}] } as unknown as RTCRtpSendParameters;
  readonly receiver: { readonly track: MediaStreamTrack };
  readonly sender = {
    replaceTrack: async (track: MediaStreamTrack | null) => void (this.sending = track),
    getParameters: () => this.parameters,
    setParameters: async (parameters: RTCRtpSendParameters) => void (this.parameters = parameters),
  };

  constructor(readonly mid: string) {
    if (mid === 'c') this.parameters = { encodings: [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }] } as RTCRtpSendParameters;
    this.receiver = { track: track(`remote-${mid}`, mid.startsWith('a') ? 'audio' : 'video') };
  }
}

/** A peer connection that does what it is told; the test moves its state. */
export class FakePeerConnection implements PeerConnection {
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: { readonly sdp: string } | null = null;
  onconnectionstatechange: ((event: Event) => void) | null = null;
  offer: string | null = null;
  transceivers: FakeTransceiver[] = [];
  closed = false;
  refuseOffer = false;

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (this.refuseOffer) throw new Error('bad offer');
    this.offer = description.sdp ?? '';
    if (!this.transceivers.length) this.transceivers = MIDS.map((mid) => new FakeTransceiver(mid));
  }
  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    return { type: 'answer', sdp: `answer to ${this.offer}` };
  }
  async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = { sdp: description.sdp ?? '' };
  }
  configuration: RTCConfiguration = { bundlePolicy: 'max-bundle' };

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }
  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  async getStats(): Promise<RTCStatsReport> {
    return new Map() as unknown as RTCStatsReport;
  }
  close(): void {
    this.closed = true;
    this.connectionState = 'closed';
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.(new Event('connectionstatechange'));
  }
  by(mid: string): FakeTransceiver {
    const found = this.transceivers.find((one) => one.mid === mid);
    if (!found) throw new Error(`no ${mid}`);
    return found;
  }
}
