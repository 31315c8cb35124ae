/** The twelve checks, one after the other: each may use what the ones before found, and none can stop the next. */

import type { Boot } from './boot';
import { checkBrowser, checkCamera, checkMicrophone } from './devices';
import { Echo, type Route } from './echo';
import { gradeEcho, gradePulse, gradeRates, gradeReturn, median } from './grade';
import { Line, Lost } from './line';
import { KINDS, outcome, type Kind, type Outcome } from './outcome';
import { tone } from './tone';
import { downFrom, measure, upTo, WHOLE } from './transfer';

const OPEN_MS = 8_000;
const PULSES = 8;
const PULSE_MS = 4_000;
const CONNECT_MS = 12_000;
const WATCH_MS = 6_000;
const RETURN_MS = 30_000;
const SERVER_CODES = new Set(['unavailable', 'busy', 'draining', 'internal', 'room_full', 'bad_grant', 'too_often']);

export interface Watcher {
  began(kind: Kind): void;
  ended(kind: Kind, outcome: Outcome): void;
  level(level: number): void;
  readonly video: HTMLVideoElement;
}

/** How to reach the relay once a way is known. */
interface Way {
  readonly servers: RTCIceServer[];
  readonly relayOnly: boolean;
}

export type Outcomes = Partial<Record<Kind, Outcome>>;

export class Run {
  private readonly line: Line;
  private readonly outcomes: Outcomes = {};
  private servers: RTCIceServer[] = [];
  private way: Way | null = null;
  private echo: Echo | null = null;
  private roundTripMs = 0;
  private sound: ReturnType<typeof tone> | null = null;

  constructor(
    private readonly boot: Boot,
    private readonly watcher: Watcher,
  ) {
    this.line = new Line(boot.socket_url);
  }

  async all(): Promise<Outcomes> {
    const checks: Record<Kind, () => Outcome | Promise<Outcome>> = {
      browser: checkBrowser,
      microphone: () => checkMicrophone((level) => this.watcher.level(level)),
      camera: () => checkCamera(this.watcher.video),
      websocket: () => this.checkSocket(),
      udp: () => this.checkUdp(),
      turn_udp: () => this.checkTurn(/^turn:(?!.*transport=tcp)/),
      turn_tcp: () => this.checkTurn(/^turn:.*transport=tcp/),
      turn_tls: () => this.checkTurn(/^turns:/),
      route: () => this.checkRoute(),
      rates: () => this.checkRates(),
      loss: () => this.checkLoss(),
      reconnect: () => this.checkReturn(),
    };
    try {
      for (const kind of KINDS) {
        this.watcher.began(kind);
        this.outcomes[kind] = await this.attempt(checks[kind]);
        this.watcher.ended(kind, this.outcomes[kind]);
      }
    } finally {
      this.echo?.close();
      this.line.close();
      this.sound?.stop();
    }
    return this.outcomes;
  }

  private async attempt(check: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    try {
      return await check();
    } catch {
      return outcome('bad', 'failed'); // whatever a browser throws: this check did not work, the next may
    }
  }

  private async checkSocket(): Promise<Outcome> {
    try {
      await this.line.connect(OPEN_MS);
      const times: number[] = [];
      for (let n = 0; n < PULSES; n += 1) times.push(await this.line.pulse(PULSE_MS));
      this.roundTripMs = median(times);
      return gradePulse(times);
    } catch {
      return outcome('bad', 'blocked');
    }
  }

  private async checkUdp(): Promise<Outcome> {
    if (!this.line.open) return outcome('bad', 'no_socket');
    const way: Way = { servers: [], relayOnly: false };
    return this.tryWay(way);
  }

  private async checkTurn(address: RegExp): Promise<Outcome> {
    if (this.line.open && this.servers.length === 0) this.servers = await this.askServers();
    const servers = this.servers
      .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => address.test(url)) }))
      .filter(({ urls }) => urls.length > 0);
    if (servers.length === 0) return outcome('none', 'not_set_up');
    if (!this.line.open) return outcome('bad', 'no_socket');
    return this.tryWay({ servers, relayOnly: true });
  }

  /** Connect by one way and let go again; the first that works is the one the later checks use. */
  private async tryWay(way: Way): Promise<Outcome> {
    this.sound ??= tone();
    const echo = new Echo(this.line, way.servers, way.relayOnly);
    try {
      const took = await echo.open(this.sound.track, CONNECT_MS);
      echo.close();
      this.way ??= way;
      return outcome('good', '', { connect_ms: Math.round(took) });
    } catch (error) {
      const code = error instanceof Lost ? error.code : '';
      return outcome('bad', !way.relayOnly && SERVER_CODES.has(code) ? 'server' : 'blocked');
    }
  }

  private async checkRoute(): Promise<Outcome> {
    if (!this.way) return outcome('bad', 'none');
    this.echo = await this.reopen(this.way);
    const route: Route = await this.echo.route();
    return route.relayed ? outcome('weak', 'relayed', { path: route.path }) : outcome('good', '', { path: route.path });
  }

  private async checkRates(): Promise<Outcome> {
    const down = await measure(downFrom(this.boot.down_url), WHOLE, this.roundTripMs);
    const up = await measure(upTo(this.boot.up_url, { 'X-CSRFToken': this.boot.csrf_token }), WHOLE, this.roundTripMs);
    return gradeRates(up, down);
  }

  private async checkLoss(): Promise<Outcome> {
    return this.echo ? gradeEcho(await this.echo.watch(WATCH_MS)) : outcome('none', 'no_path');
  }

  private async checkReturn(): Promise<Outcome> {
    if (!this.way) return outcome('none', 'no_path');
    this.echo?.close();
    this.line.close();
    const began = performance.now();
    try {
      const socketMs = await this.line.connect(RETURN_MS);
      this.echo = await this.reopen(this.way);
      return gradeReturn(socketMs, performance.now() - began);
    } catch {
      return outcome('bad', 'failed');
    }
  }

  private async reopen(way: Way): Promise<Echo> {
    this.sound ??= tone();
    const echo = new Echo(this.line, way.servers, way.relayOnly);
    await echo.open(this.sound.track, CONNECT_MS);
    return echo;
  }

  private async askServers(): Promise<RTCIceServer[]> {
    const response = await fetch(this.boot.setup_url, { headers: { Accept: 'application/json' } });
    return response.ok ? ((await response.json()) as { ice_servers: RTCIceServer[] }).ice_servers : [];
  }
}
