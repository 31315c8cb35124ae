/** What a person does with their own microphone, camera and pictures of the examination, and what is said about it. */

import { e } from '../i18n/e2ee';
import { r } from '../i18n/room';
import { announce } from '../ui/announce';
import { toast } from '../ui/toast';
import type { Boot } from './boot';
import { LocalMedia, type LocalPort } from './media/local';
import { openDevices } from './views/dialogs';
import { examDevice } from './views/exam-device';
import { explainExam, openShare } from './views/share';

export interface OwnMediaPort extends Pick<LocalPort, 'changed' | 'send'> {
  /** Nothing of this machine is sent into a room that is encrypted when it cannot encrypt. */
  barred(): boolean;
  live(): boolean;
  /** Make the media connection anew. */
  rebuild(): void;
}

export class OwnMedia {
  readonly local: LocalMedia;
  private updateDevices: () => void = () => {};
  private updateShare: () => void = () => {};

  constructor(
    private readonly boot: Boot,
    private readonly port: OwnMediaPort,
  ) {
    this.local = new LocalMedia({
      changed: () => port.changed(),
      send: (kind, track) => port.send(kind, track),
      unplugged: (kind, replaced) => this.unplugged(kind, replaced),
      interrupted: (kind, over) => this.interrupted(kind, over),
    });
  }

  async open(): Promise<void> {
    if (!this.port.barred()) await this.local.open(true, true);
  }

  /** Something that open dialogs show may have changed. */
  update(): void {
    this.updateDevices();
    this.updateShare();
  }

  async toggleMicrophone(): Promise<void> {
    if (this.explainBarred()) return;
    await this.local.setMicrophone(!this.local.sending.microphone);
    announce(this.local.sending.microphone ? r.say.unmuted : r.say.muted);
    this.explain('microphone');
  }

  async toggleCamera(): Promise<void> {
    if (this.explainBarred()) return;
    await this.local.setCamera(!this.local.sending.camera);
    announce(this.local.sending.camera ? r.say.cameraOn : r.say.cameraOff);
    this.explain('camera');
  }

  openDevices(): void {
    // A patient shows themselves; what examines them stands at the other end.
    if (this.boot.kind === 'guest') this.updateDevices = openDevices(this.local, null);
    else this.updateDevices = openDevices(this.local, () => this.chooseShare(), examDevice(this.boot));
  }

  chooseShare(): void {
    if (this.explainBarred()) return;
    this.updateShare = openShare(this.local, {
      screen: () => void this.shareScreen(),
      stop: () => (this.local.stopScreen(), announce(r.say.notSharing)),
      camera: (id) => void this.shareCamera(id),
      auscultation: (on) => void this.listenToChest(on),
    });
  }

  /** Say why there is no sound and picture; true when there is none. */
  private explainBarred(): boolean {
    const barred = this.port.barred();
    if (barred) toast(e.notice.barred, { icon: 'lock' });
    return barred;
  }

  private explain(kind: 'microphone' | 'camera'): void {
    const cause = this.local.causes[kind];
    if (cause && !this.local.sending[kind])
      toast(r.cause[kind][cause], { icon: kind === 'camera' ? 'video-off' : 'mic-off', stay: 12_000 });
  }

  private async shareScreen(): Promise<void> {
    try {
      await this.local.shareScreen();
      if (this.local.sending.screen) announce(r.say.sharing);
    } catch {
      toast(r.notice.shareFailed, { icon: 'monitor-x' });
    }
  }

  private async shareCamera(id: string): Promise<void> {
    const cause = await this.local.shareCamera(id);
    if (cause) explainExam(cause);
    else announce(r.say.sharing);
  }

  private async listenToChest(on: boolean): Promise<void> {
    await this.local.setAuscultation(on);
    announce(this.local.auscultation ? r.say.auscultation : r.say.noAuscultation);
    this.explain('microphone');
  }

  private unplugged(kind: 'microphone' | 'camera', replaced: boolean): void {
    const text = kind === 'camera' ? r.notice.cameraLost : replaced ? r.notice.microphoneLost : r.notice.microphoneGone;
    announce(text);
    toast(text, {
      icon: 'info',
      action: { label: r.notice.openDevices, run: () => this.openDevices() },
    });
  }

  /** Another program took the sound or the picture (a telephone call): nothing to be done but to say so, and begin anew after. */
  private interrupted(kind: 'microphone' | 'camera', over: boolean): void {
    if (!this.port.live()) return;
    const text = over ? r.notice.resumed : r.notice.interrupted[kind];
    announce(text);
    toast(text, { icon: kind === 'camera' ? 'video-off' : 'mic-off' });
    // What the browser played and sent before the interruption may stay silent after it: a new connection does not.
    if (over && kind === 'microphone') this.port.rebuild();
  }
}
