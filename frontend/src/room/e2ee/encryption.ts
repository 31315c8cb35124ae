/** The page's half of end-to-end encryption: the worker, and connections whose every line goes through it. */

import type { AnnounceKey, KeyAnnounced, KeyWrapped, WrapKey } from '../../protocol/messages.gen';
import type { RoomState } from '../state';
import type { EncryptionStatus, FromWorker, LineOptions, ToWorker } from './channel';
import type { FrameKind } from './frame';
import { membersOf } from './members';
import { encryptableOffer } from './offer';

export interface EncryptionPort {
  /** False when the line is down; what is lost is asked for again. */
  send(message: AnnounceKey | WrapKey): boolean;
  status(status: EncryptionStatus): void;
}

/** Whether this browser can take part in an encrypted room. */
export function supportsEncryption(): boolean {
  return (
    typeof RTCRtpScriptTransform === 'function' &&
    'transform' in RTCRtpSender.prototype &&
    crypto.subtle !== undefined
  );
}

export class Encryption {
  private readonly worker = new Worker(new URL('./encryption.worker.ts', import.meta.url), { type: 'module' });
  private readonly ready: Promise<void>;
  private followed = '';

  constructor(room: string, port: EncryptionPort) {
    this.ready = new Promise((resolve) => {
      this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.say === 'ready') resolve();
        else if (data.say === 'send') port.send(data.message);
        else port.status(data.status);
      };
    });
    this.post({ do: 'begin', room });
  }

  /** Make a connection that sends and plays nothing in the clear. */
  connect(configuration: RTCConfiguration): RTCPeerConnection {
    const connection = new RTCPeerConnection(configuration);
    const take = connection.setRemoteDescription.bind(connection);
    // The lines come with the offer; none may be without encryption when the answer is made.
    const taken = async ({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> => {
      await take({ type, sdp: encryptableOffer(sdp) });
      await this.ready;
      // The offer is taken again when a microphone is laid on a chest: what is protected stays so.
      for (const line of connection.getTransceivers()) if (!line.sender.transform) this.protect(line);
    };
    return Object.assign(connection, { setRemoteDescription: taken });
  }

  follow(state: RoomState): void {
    const members = membersOf(state);
    const text = JSON.stringify(members);
    if (text === this.followed) return;
    this.followed = text;
    this.post({ do: 'follow', members });
  }

  heard(message: KeyAnnounced | KeyWrapped): void {
    this.post({ do: 'heard', message });
  }

  reconnected(): void {
    this.post({ do: 'reconnected' });
  }

  private protect(line: RTCRtpTransceiver): void {
    const kind = line.receiver.track.kind as FrameKind;
    line.sender.transform = this.transform({ operation: 'seal', kind });
    line.receiver.transform = this.transform({ operation: 'open', kind, line: line.mid ?? '' });
  }

  private transform(options: LineOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.worker, options);
  }

  private post(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}
