import { defineConfig } from 'vitest/config';

import { iconSprite } from './vite-icons.ts';
import { pruneAssets } from './vite-prune.ts';

// Chrome 109 is the last one on Windows 7, which old hospital PCs still run.
const BROWSERS = ['chrome109', 'firefox115', 'safari16.4'];

export default defineConfig({
  base: '/static/',
  publicDir: false, // Django serves `static/` itself, with hashed names
  plugins: [iconSprite(), pruneAssets(24)],
  css: { devSourcemap: true },
  build: {
    target: BROWSERS,
    cssTarget: BROWSERS,
    outDir: 'dist',
    emptyOutDir: false, // see vite-prune.ts
    manifest: 'manifest.json',
    assetsInlineLimit: 0, // `data:` addresses would need a wider Content-Security-Policy
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [
        'src/app.ts',
        'src/room.ts',
        'src/line-check.ts',
        'src/join.ts',
        'src/booking.ts',
        'src/desk.ts',
        'src/queue-board.ts',
        'src/queue-kiosk.ts',
        'src/queue-desk.ts',
        'src/queue-place.ts',
      ],
      checks: { eval: false }, // htmx holds an `eval` that `allowEval: false` in base.html keeps shut
    },
  },
  test: { include: ['src/**/*.test.ts', 'styles/**/*.test.ts'], environment: 'node' },
});
