import '../styles/app.css';
import '../styles/room.css';
import { startPage } from './behaviours';
import { RoomApp } from './room/app';
import { readBoot } from './room/boot';
import type { RoomState } from './room/state';

declare global {
  interface Window {
    /** Read-only look inside, for tests and for support: the state shown, and the raw statistics of the connection. */
    roomDebug?: { state(): RoomState; stats(): Promise<Record<string, unknown>[]> };
  }
}

startPage();
const place = document.getElementById('room');
if (!place) throw new Error('#room is missing');
const app = new RoomApp(readBoot(), place);
window.roomDebug = {
  state: () => app.store.state,
  stats: async () => [...((await app.media.peer?.connection.getStats())?.values() ?? [])] as Record<string, unknown>[],
};
app.start();
