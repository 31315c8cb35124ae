/** What the page and its encryption worker say to each other, and what the page knows of its encryption. */

import type { AnnounceKey, KeyAnnounced, KeyWrapped, WrapKey } from '../../protocol/messages.gen';
import type { FrameKind } from './frame';
import type { KeyStatus, Members } from './keyring';

export type ToWorker =
  | { do: 'begin'; room: string }
  | { do: 'follow'; members: Members }
  | { do: 'heard'; message: KeyAnnounced | KeyWrapped }
  | { do: 'reconnected' };

export type FromWorker =
  | { say: 'ready' }
  | { say: 'send'; message: AnnounceKey | WrapKey }
  | { say: 'status'; status: EncryptionStatus };

export interface EncryptionStatus extends KeyStatus {
  /** Lines (mid) whose frames cannot be read for three seconds now. */
  readonly unreadable: readonly string[];
  /** Frames dropped because they could not be opened, since the page was loaded. */
  readonly dropped: number;
}

/** Options of an `RTCRtpScriptTransform`. */
export type LineOptions = { operation: 'seal'; kind: FrameKind } | { operation: 'open'; kind: FrameKind; line: string };

export const NO_ENCRYPTION: EncryptionStatus = {
  code: [],
  missing: [],
  sending: { number: 0, step: 0 },
  unreadable: [],
  dropped: 0,
};
