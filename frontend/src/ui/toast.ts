import { t } from '../i18n';
import { h, icon } from './dom';
import type { IconName } from './icons';

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface ToastOptions {
  icon?: IconName;
  action?: ToastAction;
  /** Milliseconds on screen; 0 keeps it until it is closed. */
  stay?: number;
  className?: string;
}

/** Show a short sentence in the corner; returns how to take it away. */
export function toast(text: string, options: ToastOptions = {}): () => void {
  const { action, stay = action ? 10_000 : 6_000 } = options;
  const close = (): void => element.remove();
  const element = h(
    'div',
    { class: `toast ${options.className ?? ''}` },
    options.icon && icon(options.icon),
    h('span', {}, text),
    action &&
      h('button', { class: 'button', type: 'button', onclick: () => (close(), action.run()) }, action.label),
    stay === 0 &&
      h('button', { class: 'button button--icon', type: 'button', 'aria-label': t.close, onclick: close }, icon('x')),
  );
  (document.getElementById('toasts') ?? document.body).append(element);
  if (stay > 0) {
    // Reading takes time: the clock stands still while somebody points at it or tabs into it.
    let timer = setTimeout(close, stay);
    const hold = (): void => clearTimeout(timer);
    const release = (): void => void (timer = setTimeout(close, stay));
    element.addEventListener('pointerenter', hold);
    element.addEventListener('pointerleave', release);
    element.addEventListener('focusin', hold);
    element.addEventListener('focusout', release);
  }
  return close;
}
