/**
 * Cameras, microphones and speakers. Never stands in the way of joining: exact device → any device → sound only → watch and
 * write, each step down with its cause in plain words.
 */

import { AUSCULTATION } from './exam';

export type InputKind = 'microphone' | 'camera';

/** Why a device could not be used. */
export type Cause = 'denied' | 'missing' | 'in_use' | 'insecure' | 'failed';

export interface Wanted {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly microphoneId?: string | null;
  readonly cameraId?: string | null;
  /** Sound without any processing: the microphone is on the patient's chest. */
  readonly auscultation?: boolean;
}

export interface Acquired {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  readonly causes: Partial<Record<InputKind, Cause>>;
}

type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

/** The cause behind a `getUserMedia` error, by its name (Media Capture and Streams §10). */
export function causeOf(error: unknown): Cause {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use';
    default:
      return 'failed';
  }
}

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };

type Choice = Pick<Wanted, 'microphoneId' | 'cameraId' | 'auscultation'>;

function constraintsFor(kind: InputKind, wanted: Choice, anyDevice = false): MediaTrackConstraints {
  const base = kind === 'camera' ? PICTURE : wanted.auscultation ? AUSCULTATION : SOUND;
  const id = anyDevice ? null : kind === 'microphone' ? wanted.microphoneId : wanted.cameraId;
  return id ? { ...base, deviceId: { exact: id } } : base;
}

async function one(get: GetUserMedia, kind: InputKind, wanted: Choice): Promise<MediaStreamTrack> {
  const id = kind === 'microphone' ? wanted.microphoneId : wanted.cameraId;
  const key = kind === 'microphone' ? 'audio' : 'video';
  const pick = (stream: MediaStream): MediaStreamTrack => {
    const track = stream.getTracks().find((each) => each.kind === key);
    if (!track) throw new DOMException('no track', 'NotFoundError');
    return track;
  };
  try {
    return pick(await get({ [key]: constraintsFor(kind, wanted) }));
  } catch (error) {
    // The remembered device is unplugged: any other of its kind will do.
    if (id && causeOf(error) === 'missing') return pick(await get({ [key]: constraintsFor(kind, wanted, true) }));
    throw error;
  }
}

/** Get what can be got. Never throws. */
export async function acquire(wanted: Wanted, get: GetUserMedia | undefined): Promise<Acquired> {
  const result: Acquired = { microphone: null, camera: null, causes: {} };
  const kinds = (['microphone', 'camera'] as const).filter((kind) => wanted[kind]);
  if (!get) {
    for (const kind of kinds) result.causes[kind] = 'insecure';
    return result;
  }
  if (kinds.length === 2) {
    try {
      // Both at once, so that the browser asks once.
      const stream = await get({
        audio: constraintsFor('microphone', wanted),
        video: constraintsFor('camera', wanted),
      });
      result.microphone = stream.getAudioTracks()[0] ?? null;
      result.camera = stream.getVideoTracks()[0] ?? null;
      return result;
    } catch {
      // One of the two is in the way: ask for each by itself, and learn which.
    }
  }
  for (const kind of kinds) {
    try {
      result[kind] = await one(get, kind, wanted);
    } catch (error) {
      result.causes[kind] = causeOf(error);
    }
  }
  return result;
}

export function userMedia(): GetUserMedia | undefined {
  // Without HTTPS browsers do not even have the object, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  return devices?.getUserMedia ? (constraints) => devices.getUserMedia(constraints) : undefined;
}

export interface DeviceList {
  readonly microphones: readonly MediaDeviceInfo[];
  readonly cameras: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
}

export async function listDevices(): Promise<DeviceList> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const all = (await devices?.enumerateDevices()) ?? [];
  // Before permission is given, browsers list devices without id: nothing one could choose.
  const of = (kind: MediaDeviceKind): MediaDeviceInfo[] => all.filter((one) => one.kind === kind && one.deviceId !== '');
  return { microphones: of('audioinput'), cameras: of('videoinput'), speakers: of('audiooutput') };
}

/** Choosing a speaker is not possible everywhere (Firefox before 116, Safari). */
export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;
