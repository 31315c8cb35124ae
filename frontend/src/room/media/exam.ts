/** The microphone on the patient's chest: what is a disturbance in talk is the sound one listens for there. */

/** Nothing filtered, one channel, the whole band. `ideal`, so that a microphone that knows less is taken all the same. */
export const AUSCULTATION: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: { ideal: 1 },
  sampleRate: { ideal: 48_000 },
};

/** A second camera, a scope or a capture card: as sharp as it gives, few pictures a second are enough. */
export const EXAM_PICTURE: MediaTrackConstraints = {
  width: { ideal: 1920 },
  height: { ideal: 1080 },
  frameRate: { ideal: 15, max: 30 },
};
