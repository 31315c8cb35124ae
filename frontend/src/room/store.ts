import { reduce, type Input, type LocalEvent, type RoomState } from './state';

type Listener = (state: RoomState, before: RoomState) => void;

/** Holds the one state. Listeners hear of it once per task, however many inputs came. */
export class Store {
  private listeners: Listener[] = [];
  private shown: RoomState;
  private queued = false;

  constructor(public state: RoomState) {
    this.shown = state;
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  dispatch(input: Input): void {
    this.state = reduce(this.state, input);
    if (this.queued) return;
    this.queued = true;
    queueMicrotask(() => {
      this.queued = false;
      const before = this.shown;
      this.shown = this.state;
      for (const listener of this.listeners) listener(this.state, before);
    });
  }

  local(event: LocalEvent): void {
    this.dispatch({ from: 'local', event });
  }
}
