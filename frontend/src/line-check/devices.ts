/** One's own browser, microphone and camera. Nothing seen or heard here leaves the machine. */

import { acquire, userMedia, type InputKind } from '../room/media/devices';
import { meter } from '../room/media/sound';
import { browserName, gradeBrowser, gradeFrames, gradeLevel } from './grade';
import { outcome, type Outcome } from './outcome';

const LISTEN_MS = 5_000;
const HEARD_ENOUGH_MS = 1_200;
const LOOK_MS = 2_500;

export function checkBrowser(): Outcome {
  return gradeBrowser(browserName(navigator.userAgent), {
    secure: isSecureContext,
    parts: {
      WebRTC: 'RTCPeerConnection' in window,
      WebSocket: 'WebSocket' in window,
      getUserMedia: !isSecureContext || userMedia() !== undefined,
      AudioContext: 'AudioContext' in window,
      replaceTrack: 'RTCRtpSender' in window && 'replaceTrack' in RTCRtpSender.prototype,
      Worker: 'Worker' in window,
    },
  });
}

/** Open the microphone the room would open, and listen until it is heard. */
export async function checkMicrophone(show: (level: number) => void): Promise<Outcome> {
  const track = await open('microphone');
  if (!(track instanceof MediaStreamTrack)) return track;
  let most = 0;
  let heardFor = 0;
  await new Promise<void>((resolve) => {
    const began = performance.now();
    let last = began;
    const stop = meter(track, (level) => {
      const now = performance.now();
      most = Math.max(most, level);
      if (level >= 0.1) heardFor += now - last;
      last = now;
      show(level);
      if (heardFor < HEARD_ENOUGH_MS && now - began < LISTEN_MS) return;
      stop();
      resolve();
    });
  });
  track.stop();
  return gradeLevel(most);
}

/** Open the camera the room would open, and count its pictures. */
export async function checkCamera(video: HTMLVideoElement): Promise<Outcome> {
  const track = await open('camera');
  if (!(track instanceof MediaStreamTrack)) return track;
  video.srcObject = new MediaStream([track]);
  video.hidden = false;
  try {
    await video.play();
    const frames = (): number => video.getVideoPlaybackQuality().totalVideoFrames;
    const [from, began] = [frames(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const seconds = (performance.now() - began) / 1000;
    return gradeFrames(frames() - from, seconds, video.videoWidth, video.videoHeight);
  } catch {
    return outcome('bad', 'failed');
  } finally {
    track.stop();
    video.srcObject = null;
    video.hidden = true;
  }
}

async function open(kind: InputKind): Promise<MediaStreamTrack | Outcome> {
  const wanted = remembered();
  const got = await acquire({ microphone: kind === 'microphone', camera: kind === 'camera', ...wanted }, userMedia());
  return got[kind] ?? outcome('bad', got.causes[kind] ?? 'failed');
}

/** The devices chosen in the room's device check (`room/media/local.ts`). */
function remembered(): { microphoneId?: string | null; cameraId?: string | null } {
  const kept = localStorage.getItem('room-devices');
  if (!kept) return {};
  const { microphoneId = null, cameraId = null } = JSON.parse(kept) as { microphoneId?: string; cameraId?: string };
  return { microphoneId, cameraId };
}
