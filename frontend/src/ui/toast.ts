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
    { class: `toast ${options.className ?? ''}`, 'data-passing': stay > 0 },
    options.icon && icon(options.icon),
    h('span', {}, text),
    action && h('button', { class: 'button', type: 'button', onclick: () => (close(), action.run()) }, action.label),
    stay === 0 && h('button', { class: 'button button--icon', type: 'button', 'aria-label': t.close, onclick: close }, icon('x')),
  );
  const place = document.getElementById('toasts') ?? document.body;
  place.append(element);
  // More than three at once is a wall nobody reads.
  [...place.querySelectorAll('[data-passing]')].slice(0, -3).forEach((old) => old.remove());
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
