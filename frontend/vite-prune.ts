import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Plugin } from 'vite';

/**
 * Instead of emptying `dist/assets`: remove what this build did not write and what is older than `hours`.
 *
 * Names carry a hash of the content, so old and new live side by side. A page opened before a rebuild, or a server that has
 * read the old manifest, still finds its files.
 */
export function pruneAssets(hours: number): Plugin {
  let folder = '';
  return {
    name: 'prune-assets',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir, config.build.assetsDir);
    },
    writeBundle(_, bundle) {
      const fresh = new Set(Object.keys(bundle).map((name) => name.split('/').at(-1)));
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (!fresh.has(name) && Date.now() - statSync(path).mtimeMs > hours * 3_600_000) rmSync(path);
      }
    },
  };
}
