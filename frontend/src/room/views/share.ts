/** What to show beside the face: this screen, or the examination by another camera; and the microphone on the patient's chest. */

import { r } from '../../i18n/room';
import { toast } from '../../ui/toast';
import { listDevices } from '../media/devices';
import type { LocalMedia } from '../media/local';
import type { IconName } from '../../ui/icons';
import { dialog, ask } from './dialogs';
import { h, icon, Rendered } from './dom';

export interface ShareActions {
  screen(): void;
  stop(): void;
  camera(id: string): void;
  auscultation(on: boolean): void;
}

/** Show the choice; the result brings it up to date. */
export function openShare(local: LocalMedia, actions: ShareActions): () => void {
  const over = new AbortController();
  const list = h('div', { class: 'stack' });
  const shown = new Rendered(list);
  const element = dialog(r.exam.title, h('p', { class: 'soft' }, r.exam.about), list);

  const option = (name: IconName, label: string, text: string, pressed: boolean | null, run: () => void): HTMLElement =>
    h(
      'button',
      {
        class: `option ${pressed ? 'option--on' : ''}`,
        type: 'button',
        'aria-pressed': pressed === null ? null : String(pressed),
        onclick: () => (element.close(), run()),
      },
      icon(name),
      h('span', {}, h('strong', {}, label), text && h('span', { class: 'option__about' }, text)),
    );

  const update = async (): Promise<void> => {
    const devices = (await listDevices()).cameras;
    const used = local.tracks.camera?.getSettings().deviceId;
    const cameras = devices.filter((one) => one.deviceId !== used);
    const { sending, examCamera } = local;
    const canShare = 'getDisplayMedia' in (navigator.mediaDevices ?? {});
    shown.show(JSON.stringify([cameras.map((one) => one.deviceId), sending, examCamera, canShare]), () => [
      sending.screen && option('monitor-x', r.exam.stop, '', null, () => actions.stop()),
      canShare &&
        option('monitor-up', r.exam.screen, r.exam.screenText, sending.screen && !sending.exam, () => actions.screen()),
      ...cameras.map((one) =>
        option('scan-line', one.label || r.check.camera, r.exam.cameraText, examCamera === one.deviceId, () =>
          actions.camera(one.deviceId),
        ),
      ),
      cameras.length === 0 && h('p', { class: 'field__hint' }, r.exam.noCamera),
      option(
        'stethoscope',
        local.auscultation ? r.exam.auscultationOn : r.exam.auscultation,
        r.exam.auscultationText,
        local.auscultation,
        () => actions.auscultation(!local.auscultation),
      ),
    ]);
  };

  navigator.mediaDevices?.addEventListener('devicechange', () => void update(), { signal: over.signal });
  element.addEventListener('close', () => over.abort());
  void update();
  ask(element);
  return () => {
    if (element.open) void update();
  };
}

/** Say why an examination camera could not be opened. */
export function explainExam(cause: string): void {
  toast(cause === 'in_use' ? r.exam.inUse : r.exam.failed, { icon: 'video-off', stay: 12_000 });
}
