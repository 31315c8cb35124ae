/**
 * Calls aloud, one after the other: the packs of the area's languages, or the browser's own voice where a pack is missing.
 * Every call is told as an event `queue:called` on the document, sound or not, and `data-heard` says how it was said.
 */

import type { Call } from '../state';
import { clipsOf, sentenceOf, type Pack } from './clips';

const WAITING_AT_MOST = 6;
const CLIP_PATIENCE_MS = 6_000;

interface Loaded {
  readonly pack: Pack;
  readonly sounds: ReadonlyMap<string, AudioBuffer>;
}

export class Voice {
  private readonly packs: Promise<(Loaded | null)[]>;
  private readonly context: AudioContext | null;
  private readonly waiting: Call[] = [];
  private speaking = false;

  constructor(
    private readonly folder: string,
    private readonly languages: readonly string[],
  ) {
    this.context = typeof AudioContext === 'undefined' ? null : new AudioContext();
    this.packs = Promise.all(languages.map((language) => this.load(language)));
  }

  /** False until the browser lets us make a sound: then somebody has to touch the screen once. */
  get allowed(): boolean {
    return this.context?.state === 'running';
  }

  async allow(): Promise<void> {
    await this.context?.resume();
  }

  /** Say a call after those before it. When very many wait, the oldest are only shown. */
  say(call: Call): void {
    document.dispatchEvent(new CustomEvent('queue:called', { detail: call }));
    this.waiting.push(call);
    if (this.waiting.length > WAITING_AT_MOST) this.waiting.shift();
    if (!this.speaking) void this.run();
  }

  private async run(): Promise<void> {
    this.speaking = true;
    const packs = await this.packs;
    for (let call = this.waiting.shift(); call; call = this.waiting.shift()) {
      for (const [i, loaded] of packs.entries()) {
        const by = loaded ? await this.play(loaded, call) : await this.speak(call, this.languages[i] ?? 'vi');
        document.body.dataset['heard'] = `${call.code} ${by}`;
      }
    }
    this.speaking = false;
  }

  private async play({ pack, sounds }: Loaded, call: Call): Promise<string> {
    const context = this.context;
    if (!context || !this.allowed) return 'silent';
    let at = context.currentTime + 0.05;
    for (const file of clipsOf(call, pack)) {
      const sound = sounds.get(file);
      if (!sound) continue;
      const source = context.createBufferSource();
      source.buffer = sound;
      source.connect(context.destination);
      source.start(at);
      at += sound.duration;
    }
    document.body.dataset['heard'] = `${call.code} pack`; // as it begins: whoever watches need not wait for the end
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (at - context.currentTime) * 1000 + 400)));
    return 'pack';
  }

  private async speak(call: Call, language: string): Promise<string> {
    // Only Vietnamese voices know our sentence; for another language without a pack the board is enough.
    const voice = globalThis.speechSynthesis?.getVoices().find(({ lang }) => lang.toLowerCase().startsWith('vi'));
    if (language !== 'vi' || !voice) return 'silent';
    const sentence = new SpeechSynthesisUtterance(sentenceOf(call));
    sentence.voice = voice;
    sentence.lang = voice.lang;
    sentence.rate = 0.9;
    await new Promise<void>((resolve) => {
      sentence.onend = sentence.onerror = () => resolve();
      setTimeout(resolve, 3 * CLIP_PATIENCE_MS);
      speechSynthesis.speak(sentence);
    });
    return 'browser';
  }

  private async load(language: string): Promise<Loaded | null> {
    if (!this.context) return null;
    try {
      const pack = (await (await this.get(`${language}/pack.json`)).json()) as Pack;
      const files = [...new Set(Object.values(pack.clips))];
      const context = this.context;
      const sounds = await Promise.all(
        files.map(async (file): Promise<[string, AudioBuffer]> => {
          const bytes = await (await this.get(`${language}/${file}`)).arrayBuffer();
          return [file, await context.decodeAudioData(bytes)];
        }),
      );
      return { pack, sounds: new Map(sounds) };
    } catch {
      return null; // no such pack here, or a broken one
    }
  }

  private async get(path: string): Promise<Response> {
    const response = await fetch(this.folder + path);
    if (!response.ok) throw new Error(path);
    return response;
  }
}
