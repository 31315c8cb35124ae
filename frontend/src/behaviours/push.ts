/**
 * Web push on this machine: a button that subscribes this browser and one that ends it.
 *
 *     <div data-push data-push-key="…" data-push-url="/api/…"><p data-push-state>…</p>
 *       <button data-push-on hidden>…</button><button data-push-off hidden>…</button></div>
 */

import { p } from '../i18n/push';

const WORKER = '/static/push-worker.js';

/** The bytes of base64url text, as `applicationServerKey` wants them. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** "Chrome · Android": enough to tell one's own machines apart, no version. */
export function labelOf(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : '';
  const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Windows/.test(agent) ? 'Windows' : /Mac OS X/.test(agent) ? 'macOS' : /Linux/.test(agent) ? 'Linux' : '';
  return [browser, system].filter(Boolean).join(' · ');
}

class Refused extends Error {}

class PushSwitch {
  private readonly state: HTMLElement;
  private readonly on: HTMLButtonElement;
  private readonly off: HTMLButtonElement;

  constructor(private readonly box: HTMLElement) {
    this.state = box.querySelector('[data-push-state]')!;
    this.on = box.querySelector('[data-push-on]')!;
    this.off = box.querySelector('[data-push-off]')!;
    this.on.addEventListener('click', () => void this.run(() => this.subscribe()));
    this.off.addEventListener('click', () => void this.run(() => this.unsubscribe()));
  }

  async show(): Promise<void> {
    if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) {
      this.say(p.unsupported, null);
    } else if (Notification.permission === 'denied') {
      this.say(p.denied, null);
    } else {
      const registration = await navigator.serviceWorker.getRegistration(WORKER);
      const subscribed = await registration?.pushManager.getSubscription();
      this.say(subscribed ? p.on : p.off, subscribed ? this.off : this.on);
    }
  }

  private say(text: string, button: HTMLButtonElement | null): void {
    this.state.textContent = text;
    this.on.hidden = button !== this.on;
    this.off.hidden = button !== this.off;
  }

  private async run(act: () => Promise<void>): Promise<void> {
    this.on.disabled = this.off.disabled = true;
    try {
      await act();
      await this.show();
    } catch (error) {
      this.state.textContent = error instanceof Refused && error.message ? error.message : p.failed;
    } finally {
      this.on.disabled = this.off.disabled = false;
    }
  }

  private async subscribe(): Promise<void> {
    if ((await Notification.requestPermission()) !== 'granted') return;
    await navigator.serviceWorker.register(WORKER);
    const registration = await this.ready();
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytesOf(this.box.dataset['pushKey'] ?? ''),
    });
    try {
      await this.tell('POST', { ...subscription.toJSON(), label: labelOf(navigator.userAgent) });
    } catch (error) {
      await subscription.unsubscribe(); // a browser that is on here and off there would be silent for ever
      throw error;
    }
  }

  private async unsubscribe(): Promise<void> {
    const registration = await navigator.serviceWorker.getRegistration(WORKER);
    const subscription = await registration?.pushManager.getSubscription();
    if (!subscription) return;
    await this.tell('DELETE', { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }

  /** The registration once its worker runs; `serviceWorker.ready` waits for one that controls this page, ours controls none. */
  private async ready(): Promise<ServiceWorkerRegistration> {
    const registration = await navigator.serviceWorker.getRegistration(WORKER);
    if (!registration) throw new Refused();
    const worker = registration.installing ?? registration.waiting;
    if (!registration.active && worker) {
      await new Promise<void>((resolve) => worker.addEventListener('statechange', () => worker.state === 'activated' && resolve()));
    }
    return registration;
  }

  private async tell(method: string, body: object): Promise<void> {
    const headers = JSON.parse(document.body.getAttribute('hx-headers') ?? '{}') as Record<string, string>;
    const answer = await fetch(this.box.dataset['pushUrl'] ?? '', {
      method,
      headers: { ...headers, 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Refused(((await answer.json().catch(() => ({}))) as { text?: string }).text ?? '');
  }
}

export function startPush(): void {
  for (const box of document.querySelectorAll<HTMLElement>('[data-push]')) void new PushSwitch(box).show();
}
