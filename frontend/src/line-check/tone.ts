/** A quiet steady tone as a microphone: packets flow evenly, and nobody's voice leaves the room. */
export function tone(): { track: MediaStreamTrack; stop(): void } {
  const context = new AudioContext();
  void context.resume();
  const source = context.createOscillator();
  const volume = context.createGain();
  const out = context.createMediaStreamDestination();
  source.frequency.value = 440;
  volume.gain.value = 0.05;
  source.connect(volume).connect(out);
  source.start();
  const [track] = out.stream.getAudioTracks();
  if (!track) throw new Error('no audio track');
  return {
    track,
    stop: () => {
      track.stop();
      void context.close();
    },
  };
}
