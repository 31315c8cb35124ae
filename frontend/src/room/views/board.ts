import { r } from '../../i18n/room';
import type { RoomParticipant, Side } from '../../protocol/messages.gen';
import type { IconName } from '../../ui/icons';
import type { Boot } from '../boot';
import { fullName } from '../format';
import { myself, type RoomState } from '../state';
import { button, h, icon, Rendered } from './dom';

export interface BoardActions {
  admit(participantId: string): void;
  markPatient(present: boolean): void;
}

export interface Waiting {
  title: string;
  text: string;
  icon: IconName;
}

const present = (one: RoomParticipant): boolean => one.state === 'in_room' || one.state === 'admitted';

/** What we wait for and why, in one sentence: the state of the room seen by one person. */
export function waitingFor(state: RoomState, side: Side): Waiting {
  const me = myself(state);
  const others = state.room.participants.filter((one) => one.info.participant_id !== state.me && one.state !== 'left');
  if (!me || me.state === 'left') return { title: r.board.entering, text: r.board.enteringText, icon: 'hourglass' };
  const knocking = others.find((one) => one.state === 'waiting');
  if (present(me)) {
    if (knocking && state.permissions.admit) {
      return { title: r.board.someoneWaits(fullName(knocking.info)), text: r.board.someoneWaitsText, icon: 'user-plus' };
    }
    const coming = others.find(present);
    if (coming) return { title: r.board.waitEnter(fullName(coming.info)), text: r.board.waitEnterText, icon: 'hourglass' };
    return side === 'hub'
      ? { title: r.board.waitSpoke, text: r.board.waitSpokeText, icon: 'hourglass' }
      : { title: r.board.waitHub, text: r.board.waitHubText, icon: 'stethoscope' };
  }
  const host = others.find((one) => one.info.side === 'hub' && present(one));
  if (host) return { title: r.board.waitAdmit(fullName(host.info)), text: r.board.waitAdmitText, icon: 'user-check' };
  return { title: r.board.waitHub, text: r.board.waitHubText, icon: 'stethoscope' };
}

/** Somebody is at the door during the call: one line above the pictures. */
export class Knock {
  readonly element = h('div', { class: 'knocks', role: 'status' });
  private readonly rendered = new Rendered(this.element);

  constructor(private readonly actions: BoardActions) {}

  update(state: RoomState, inCall: boolean): void {
    const waiting = inCall && state.permissions.admit ? state.room.participants.filter((one) => one.state === 'waiting' && one.info.participant_id !== state.me) : [];
    const admitting = Object.values(state.pending).map((action) => (action.do === 'admit' ? action.participant_id : ''));
    this.rendered.show(JSON.stringify([waiting, admitting]), () =>
      waiting.map(({ info }) => {
        const admit = button('button--primary', 'door-open', r.board.admit, () => this.actions.admit(info.participant_id));
        admit.disabled = admitting.includes(info.participant_id);
        admit.dataset['testid'] = 'admit';
        return h(
          'div',
          { class: 'knock' },
          icon('user-plus'),
          h('div', { class: 'person' }, h('p', { class: 'person__name' }, r.board.someoneWaits(fullName(info))), h('p', { class: 'person__about' }, `${r.role[info.role]} · ${info.facility}`)),
          admit,
        );
      }),
    );
  }
}

/** The waiting board: both sides, who is here, whether the patient is present, whom to invite. */
export class Board {
  readonly element = h('section', { class: 'board', 'aria-label': r.lead.waiting });
  private readonly rendered = new Rendered(this.element);

  constructor(
    private readonly boot: Boot,
    private readonly actions: BoardActions,
  ) {}

  update(state: RoomState): void {
    const people = state.room.participants.filter((one) => one.state !== 'left');
    const pending = Object.values(state.pending);
    const signature = JSON.stringify([people, state.me, state.permissions, state.room.patient_present, pending]);
    this.rendered.show(signature, () => {
      const what = waitingFor(state, this.boot.me.side);
      const admitting = new Set(pending.map((action) => (action.do === 'admit' ? action.participant_id : '')));
      return [
        h(
          'div',
          { class: 'board__lead', role: 'status' },
          h('span', { class: 'board__icon' }, icon(what.icon, 'icon--large')),
          h('div', {}, h('h1', { tabindex: '-1' }, what.title), h('p', { class: 'soft' }, what.text)),
        ),
        h(
          'div',
          { class: 'board__sides' },
          this.side('spoke', r.board.spoke, people, state, admitting, this.patient(state)),
          this.side('hub', r.board.hub, people, state, admitting, null),
        ),
      ];
    });
  }

  private patient(state: RoomState): HTMLElement {
    const here = state.room.patient_present;
    const busy = Object.values(state.pending).some((action) => action.do === 'mark_patient');
    const mark = button(here ? 'button--quiet' : 'button--primary', here ? null : 'user-check', here ? r.board.markAbsent : r.board.markPresent, () =>
      this.actions.markPatient(!here));
    mark.disabled = busy;
    mark.dataset['testid'] = 'mark-patient';
    return h(
      'div',
      { class: 'ready' },
      h('p', { class: here ? 'ready__line ready__line--yes' : 'ready__line' }, icon(here ? 'circle-check' : 'circle'), here ? r.board.patientPresent : r.board.patientAbsent),
      state.permissions.mark_patient && mark,
    );
  }

  private side(side: Side, title: string, people: RoomParticipant[], state: RoomState, admitting: Set<string>, extra: HTMLElement | null): HTMLElement {
    const own = people.filter((one) => one.info.side === side);
    const facilities = [...new Set(own.map((one) => one.info.facility))].join(', ');
    return h(
      'section',
      { class: 'side' },
      h('header', {}, h('h2', {}, title), h('p', { class: 'soft small' }, facilities || r.board.nobody)),
      own.length > 0 && h('ul', { class: 'people' }, ...own.map((one) => this.person(one, state, admitting))),
      extra,
    );
  }

  private person(one: RoomParticipant, state: RoomState, admitting: Set<string>): HTMLElement {
    const { participant_id: id, role } = one.info;
    const tone = one.state === 'in_room' ? 'chip--good' : one.state === 'away' ? 'chip--warn' : one.state === 'admitted' ? 'chip--info' : '';
    const admit = button('button--primary', 'door-open', r.board.admit, () => this.actions.admit(id));
    admit.disabled = admitting.has(id);
    admit.dataset['testid'] = 'admit';
    return h(
      'li',
      {},
      h('div', { class: 'person' }, h('p', { class: 'person__name' }, fullName(one.info), id === state.me && ` (${r.me})`), h('p', { class: 'person__about' }, r.role[role])),
      h('span', { class: `chip ${tone}` }, r.presence[one.state]),
      one.state === 'waiting' && state.permissions.admit && id !== state.me && admit,
    );
  }
}
