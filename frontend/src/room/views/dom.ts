import type { Quality } from '../../protocol/messages.gen';
import { h, icon, type Child } from '../../ui/dom';
import type { IconName } from '../../ui/icons';

export { h, icon };

/** A button with an icon and words. */
export function button(
  className: string,
  iconName: IconName | null,
  label: string,
  run: () => void,
  ...more: Child[]
): HTMLButtonElement {
  return h(
    'button',
    { class: `button ${className}`, type: 'button', onclick: run },
    iconName && icon(iconName),
    h('span', {}, label),
    ...more,
  );
}

/** Line quality as bars, to be read without colour: three, two, one, none. The words stand beside it. */
export function bars(quality: Quality | 'none'): HTMLElement {
  return h('span', { class: `bars bars--${quality}`, 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
}

/** Keep one element per key in order, made once and updated in place, so that nothing playing or focused is rebuilt. */
export class Keyed<Item, V extends { readonly element: HTMLElement }> {
  private readonly made = new Map<string, V>();

  constructor(
    private readonly place: HTMLElement,
    private readonly make: (item: Item, key: string) => V,
    private readonly update: (view: V, item: Item) => void,
    private readonly dispose: (view: V) => void = () => {},
  ) {}

  show(items: readonly (readonly [key: string, item: Item])[]): void {
    const wanted = new Set(items.map(([key]) => key));
    for (const [key, view] of this.made) {
      if (wanted.has(key)) continue;
      this.dispose(view);
      view.element.remove();
      this.made.delete(key);
    }
    items.forEach(([key, item], i) => {
      let view = this.made.get(key);
      if (!view) this.made.set(key, (view = this.make(item, key)));
      this.update(view, item);
      // Moving an element restarts its video: only when it really stands elsewhere.
      if (this.place.children[i] !== view.element) this.place.insertBefore(view.element, this.place.children[i] ?? null);
    });
  }
}

/** Replace the children only when what they say has changed. */
export class Rendered {
  private signature: string | null = null;

  constructor(private readonly place: HTMLElement) {}

  show(signature: string, make: () => Child[]): void {
    if (signature === this.signature) return;
    this.signature = signature;
    this.place.replaceChildren(...make().filter((child): child is Node | string => Boolean(child)));
  }
}
