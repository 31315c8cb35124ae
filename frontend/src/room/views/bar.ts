import { r } from '../../i18n/room';
import { setText } from '../../ui/dom';
import type { IconName } from '../../ui/icons';
import type { Boot } from '../boot';
import { elapsed } from '../format';
import { stepOf, worse } from '../lines';
import { viewOf, type RoomState } from '../state';
import { Elapsed } from './controls';
import { bars, h, icon, Rendered } from './dom';
import { lockButton } from './safety';

const URGENCY_ICON: Record<string, IconName> = { red: 'siren', urgent: 'triangle-alert', priority: 'diamond', async: 'mail' };

/** Top line: the person first, then the call. */
export class Bar {
  readonly element: HTMLElement;
  private readonly lead = h('span', { class: 'chip' });
  private readonly clock = new Elapsed();
  private readonly line = h('span', { class: 'bar__line' });
  private readonly lineShown = new Rendered(this.line);
  private state: RoomState | null = null;

  constructor(
    boot: Boot,
    private readonly openLine: () => void,
    openCode: () => void,
  ) {
    const { urgency, urgency_label, code } = boot.request;
    this.element = h(
      'header',
      { class: 'bar' },
      h(
        'div',
        { class: 'bar__case' },
        urgency && h(
          'span',
          { class: `urgency urgency--${urgency}` },
          icon(URGENCY_ICON[urgency] ?? 'circle'),
          h('span', {}, urgency_label),
        ),
        h('strong', { class: 'bar__patient' }, boot.patient.label),
        h('span', { class: 'bar__code' }, code),
      ),
      h('div', { class: 'bar__state' }, boot.encrypted && lockButton(openCode), this.lead, this.clock.element, this.line),
    );
  }

  update(state: RoomState): void {
    this.state = state;
    const view = viewOf(state);
    const live = state.room.state === 'live' && view !== 'ended' && view !== 'check';
    setText(this.lead, live ? r.lead.live : view === 'live' ? r.lead.waiting : r.lead[view]);
    this.lead.classList.toggle('chip--live', live);
    const graded = (state.me ? state.quality[state.me] : undefined) ?? 'good';
    const line = state.me ? state.lines[state.me] : undefined;
    const step = line
      ? worse(
          stepOf({ rung: line.down, reason: line.down_reason, whose: 'mine' }),
          stepOf({ rung: line.up, reason: line.up_reason, whose: 'mine' }),
        )
      : 'good';
    const shown = state.media === 'connected' ? worse(graded, step) : null;
    this.lineShown.show(String(shown), () =>
      shown === null
        ? []
        : [
            h(
              'button',
              {
                class: `line-mark line-mark--${shown}`,
                type: 'button',
                title: r.line.open,
                'aria-haspopup': 'dialog',
                'aria-label': `${r.quality[shown]}. ${r.line.open}`,
                onclick: () => this.openLine(),
              },
              bars(shown),
              h('span', { class: 'line-mark__word' }, r.quality[shown]),
            ),
          ],
    );
    this.tick();
  }

  /** Every second: how long the call has been going on, by the server's clock. */
  tick(): void {
    const since = this.state?.room.live_since;
    const over = this.state?.room.ended_at;
    if (!since) return this.clock.show('');
    const now = over ? Date.parse(over) : Date.now() - (this.state?.clockOffset ?? 0);
    this.clock.show(elapsed(now - Date.parse(since)));
  }
}
