import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Plugin } from 'vite';

import { ICONS } from './src/ui/icons.ts';

const LUCIDE = dirname(createRequire(import.meta.url).resolve('lucide-static/package.json'));

/** One `<symbol>` of the sprite; an unknown icon name fails the build. */
function symbol(name: string): string {
  const svg = readFileSync(join(LUCIDE, 'icons', `${name}.svg`), 'utf8');
  const shapes = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1];
  if (shapes === undefined) throw new Error(`lucide-static has no usable icon "${name}"`);
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`;
}

/** The Lucide icons named in `src/ui/icons.ts`, as one file: `<svg class="icon"><use href="…/icons.svg#video"/></svg>`. */
export function iconSprite(): Plugin {
  return {
    name: 'icon-sprite',
    apply: 'build',
    generateBundle() {
      const symbols = ICONS.map(symbol).join('\n');
      const notice = '<!-- Lucide icons, ISC licence, https://lucide.dev/license -->';
      this.emitFile({
        type: 'asset',
        fileName: 'icons.svg',
        source: `<svg xmlns="http://www.w3.org/2000/svg">${notice}\n${symbols}\n</svg>\n`,
      });
    },
  };
}
