/** Loudness of one's own microphone, and the tone that tells whether the speaker works. */

/** Call `show` with the loudness (0–1) of a track until the returned function is called. */
export function meter(track: MediaStreamTrack, show: (level: number) => void): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  let level = 0;
  const timer = setInterval(() => {
    void context.resume();
    analyser.getFloatTimeDomainData(wave);
    let sum = 0;
    for (const value of wave) sum += value * value;
    const decibel = 20 * Math.log10(Math.sqrt(sum / wave.length) + 1e-6);
    // −60 dB is a quiet room, −12 dB speaking into it; fall slower than rise, as people read meters.
    const now = Math.min(1, Math.max(0, (decibel + 60) / 48));
    level = Math.max(now, level * 0.85);
    show(level);
  }, 60);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** Play three notes through the chosen speaker; resolves when they are over. */
export async function testTone(speakerId: string | null): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  [523, 659, 784].forEach((frequency, i) => {
    const at = context.currentTime + 0.05 + i * 0.28;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.3, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.connect(volume).connect(out);
    tone.start(at);
    tone.stop(at + 0.55);
  });
  const player = new Audio();
  player.srcObject = out.stream;
  if (speakerId && 'setSinkId' in player) await player.setSinkId(speakerId);
  await player.play();
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  player.srcObject = null;
  await context.close();
}
