/** This person's own microphone, camera and screen: what is captured, what is sent, which devices are chosen. */

import type { Sending } from '../state';
import { acquire, causeOf, userMedia, type Cause, type InputKind } from './devices';
import { EXAM_PICTURE } from './exam';
import type { Tracks, UpKind } from './peer';

export interface Choice {
  microphoneId: string | null;
  cameraId: string | null;
  speakerId: string | null;
}

export interface LocalPort {
  /** Something shown has changed: tracks, causes, choice. */
  changed(): void;
  /** What is sent on a line has changed. */
  send(kind: UpKind, track: MediaStreamTrack | null): void;
  /** A device in use went away; `replaced` says whether another took its place. */
  unplugged(kind: InputKind, replaced: boolean): void;
  /** Another program took a device, or gave it back: sound or picture stands still although nobody touched anything. */
  interrupted(kind: InputKind, over: boolean): void;
}

const REMEMBERED = 'room-devices';

function remembered(): Choice {
  const none: Choice = { microphoneId: null, cameraId: null, speakerId: null };
  const kept = localStorage.getItem(REMEMBERED);
  return kept ? { ...none, ...(JSON.parse(kept) as Partial<Choice>) } : none;
}

export class LocalMedia {
  readonly choice: Choice = remembered();
  causes: Partial<Record<InputKind, Cause>> = {};
  busy = false;
  /** The camera whose picture is on the screen's line; null for a screen, or nothing. */
  examCamera: string | null = null;
  auscultation = false;
  private readonly held: Record<UpKind, MediaStreamTrack | null> = { microphone: null, camera: null, screen: null };

  constructor(private readonly port: LocalPort) {}

  get tracks(): Tracks {
    return this.held;
  }

  get sending(): Sending {
    return {
      microphone: this.held.microphone?.enabled ?? false,
      camera: this.held.camera !== null,
      screen: this.held.screen !== null,
      exam: this.held.screen !== null && this.examCamera !== null,
      auscultation: this.auscultation && (this.held.microphone?.enabled ?? false),
    };
  }

  /** Open what is wanted; what cannot be opened leaves its cause in `causes`. */
  async open(microphone: boolean, camera: boolean): Promise<void> {
    this.busy = true;
    this.port.changed();
    const { microphoneId, cameraId } = this.choice;
    const { auscultation } = this;
    const got = await acquire({ microphone, camera, microphoneId, cameraId, auscultation }, userMedia());
    this.busy = false;
    if (got.microphone) got.microphone.contentHint = auscultation ? 'music' : 'speech';
    if (got.camera) got.camera.contentHint = 'motion';
    if (microphone) this.hold('microphone', got.microphone);
    if (camera) this.hold('camera', got.camera);
    if (microphone) delete this.causes.microphone;
    if (camera) delete this.causes.camera;
    Object.assign(this.causes, got.causes);
    this.port.changed();
  }

  /** Mute keeps the microphone open: unmuting must be instant. Without one, try to get one. */
  async setMicrophone(on: boolean): Promise<void> {
    const track = this.held.microphone;
    if (track) {
      track.enabled = on;
      this.port.changed();
    } else if (on) await this.open(true, false);
  }

  /** Camera off lets go of the camera, so that its light goes out. */
  async setCamera(on: boolean): Promise<void> {
    if (on) await this.open(false, true);
    else {
      this.hold('camera', null);
      this.port.changed();
    }
  }

  async choose(kind: InputKind, id: string | null): Promise<void> {
    this.remember(kind === 'microphone' ? { microphoneId: id } : { cameraId: id });
    const muted = kind === 'microphone' && this.held.microphone !== null && !this.held.microphone.enabled;
    // Some cameras cannot be open twice, so the old one is let go first.
    if (kind === 'camera' && this.held.camera) this.held.camera.stop();
    await this.open(kind === 'microphone', kind === 'camera');
    if (muted && this.held.microphone) await this.setMicrophone(false);
  }

  chooseSpeaker(id: string | null): void {
    this.remember({ speakerId: id });
    this.port.changed();
  }

  /** Raises what the browser raises when it cannot; a cancelled choice is no error and changes nothing. */
  async shareScreen(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
      this.show(stream, null);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'NotAllowedError') throw error;
    }
  }

  /** Show the examination by another camera, a scope or a capture card. Returns why it could not be opened, else null. */
  async shareCamera(id: string): Promise<Cause | null> {
    const get = userMedia();
    if (!get) return 'insecure';
    try {
      this.show(await get({ video: { ...EXAM_PICTURE, deviceId: { exact: id } } }), id);
      return null;
    } catch (error) {
      return causeOf(error);
    }
  }

  private show(stream: MediaStream, camera: string | null): void {
    const track = stream.getVideoTracks()[0] ?? null;
    if (track) track.contentHint = 'detail';
    this.examCamera = camera;
    this.hold('screen', track);
    this.port.changed();
  }

  stopScreen(): void {
    this.examCamera = null;
    this.hold('screen', null);
    this.port.changed();
  }

  /** Take the microphone anew, with nothing of its sound filtered away, or as it is for talk. It is not muted by this. */
  async setAuscultation(on: boolean): Promise<void> {
    this.auscultation = on;
    const muted = this.held.microphone !== null && !this.held.microphone.enabled;
    // Chrome processes a microphone the same for everybody who holds it: the old one has to be let go first.
    if (this.held.microphone) this.held.microphone.stop();
    await this.open(true, false);
    if (muted && this.held.microphone) this.held.microphone.enabled = false;
    if (!this.held.microphone) this.auscultation = false;
    this.port.changed();
  }

  /** After a phone call or sleep a track may be dead although nobody touched it: get it again. */
  async revive(): Promise<void> {
    const dead = (kind: InputKind): boolean => {
      const track = this.held[kind];
      return track !== null && (track.readyState === 'ended' || (track.muted && track.enabled));
    };
    const [microphone, camera] = [dead('microphone'), dead('camera')];
    if (microphone || camera) await this.open(microphone, camera);
  }

  stop(): void {
    for (const kind of ['microphone', 'camera', 'screen'] as const) this.hold(kind, null);
    this.port.changed();
  }

  private remember(part: Partial<Choice>): void {
    Object.assign(this.choice, part);
    localStorage.setItem(REMEMBERED, JSON.stringify(this.choice));
  }

  private hold(kind: UpKind, track: MediaStreamTrack | null): void {
    const old = this.held[kind];
    if (old === track) return;
    if (old) {
      old.onended = old.onmute = old.onunmute = null;
      old.stop();
    }
    this.held[kind] = track;
    if (track) {
      track.onended = () => void this.ended(kind);
      if (kind !== 'screen') {
        // A telephone call on a phone, a lid that is shut: the browser mutes the track, and unmutes it when that is over.
        track.onmute = () => this.port.interrupted(kind, false);
        track.onunmute = () => this.port.interrupted(kind, true);
      }
    }
    this.port.send(kind, track);
  }

  private async ended(kind: UpKind): Promise<void> {
    if (kind === 'screen') return this.stopScreen();
    this.hold(kind, null);
    if (kind === 'microphone') {
      await this.open(true, false);
      this.port.unplugged(kind, this.held.microphone !== null);
    } else {
      // A camera is not exchanged for another unasked: it would show what nobody chose to show.
      this.port.unplugged(kind, false);
    }
    this.port.changed();
  }
}
