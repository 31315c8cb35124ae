/** Finds codes in pictures, off the page's thread. The WebAssembly is served by us. */

import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

/** Old cards have QR, some papers Code 128, machine tickets Data Matrix. Fewer formats, fewer wrong reads. */
const FORMATS = ['QRCode', 'DataMatrix', 'Code128'] as const;

const ready = prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) },
  fireImmediately: true,
});
ready.then(
  () => postMessage({ kind: 'ready' }),
  () => postMessage({ kind: 'broken' }),
);

onmessage = async (event: MessageEvent<ImageData>): Promise<void> => {
  try {
    await ready;
    const found = await readBarcodes(event.data, {
      formats: [...FORMATS],
      tryHarder: true,
      maxNumberOfSymbols: 1,
      // Cards are UTF-8 and do not say so.
      characterSet: 'UTF8',
    });
    const text = found.find((code) => code.isValid)?.text ?? null;
    postMessage({ kind: 'read', text });
  } catch {
    postMessage({ kind: 'read', text: null });
  }
};
