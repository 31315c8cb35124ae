/** Everybody's sound: one <audio> a person, all through the chosen speaker. Pictures are shown muted, so only this can be blocked. */

import type { RemoteMedia } from './peer';

export class Speakers {
  private readonly players = new Map<string, HTMLAudioElement>();
  private speakerId: string | null = null;

  constructor(
    private readonly place: HTMLElement,
    private readonly blocked: (blocked: boolean) => void,
  ) {}

  update(media: RemoteMedia): void {
    for (const [id, player] of this.players) {
      if (!media.get(id)?.microphone) {
        player.srcObject = null;
        player.remove();
        this.players.delete(id);
      }
    }
    for (const [id, { microphone }] of media) {
      if (!microphone) continue;
      const player = this.players.get(id) ?? this.add(id);
      const playing = player.srcObject instanceof MediaStream ? player.srcObject.getAudioTracks()[0] : undefined;
      if (playing === microphone) continue;
      player.srcObject = new MediaStream([microphone]);
      void this.play(player);
    }
  }

  setSpeaker(id: string | null): void {
    if (id === this.speakerId) return;
    this.speakerId = id;
    for (const player of this.players.values()) void this.route(player);
  }

  /** Called from a gesture: now the browser allows it. */
  async unblock(): Promise<void> {
    await Promise.all([...this.players.values()].map((player) => this.play(player)));
  }

  private add(id: string): HTMLAudioElement {
    const player = new Audio();
    player.autoplay = true;
    this.place.append(player);
    this.players.set(id, player);
    void this.route(player);
    return player;
  }

  private async play(player: HTMLAudioElement): Promise<void> {
    try {
      await player.play();
      this.blocked(false);
    } catch (error) {
      if (error instanceof Error && error.name === 'NotAllowedError') this.blocked(true);
    }
  }

  private async route(player: HTMLAudioElement): Promise<void> {
    // A speaker unplugged meanwhile: the browser's default goes on.
    if ('setSinkId' in player) await player.setSinkId(this.speakerId ?? '').catch(() => {});
  }
}
