import { r } from '../../i18n/room';
import type { RoomParticipant, Side } from '../../protocol/messages.gen';
import { setText } from '../../ui/dom';
import type { IconName } from '../../ui/icons';
import type { Boot } from '../boot';
import { PlaceInLine } from './place';
import { fullName } from '../format';
import { myself, type RoomState } from '../state';
import { button, h, icon, Keyed, Rendered } from './dom';

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

interface PersonItem {
  readonly participant: RoomParticipant;
  readonly mine: boolean;
  readonly mayAdmit: boolean;
  readonly admitting: boolean;
}

const CHIP: Partial<Record<RoomParticipant['state'], string>> = {
  in_room: 'chip--good',
  away: 'chip--warn',
  admitted: 'chip--info',
};

function itemOf(participant: RoomParticipant, state: RoomState): PersonItem {
  const id = participant.info.participant_id;
  const mine = id === state.me;
  return {
    participant,
    mine,
    mayAdmit: state.permissions.admit && !mine && participant.state === 'waiting',
    admitting: Object.values(state.pending).some((action) => action.do === 'admit' && action.participant_id === id),
  };
}

/** The button under the finger must stay the same element while the room around it changes. */
function admitButton(item: PersonItem, actions: BoardActions): HTMLButtonElement {
  const made = button('button--primary', 'door-open', r.board.admit, () => actions.admit(item.participant.info.participant_id));
  made.dataset['testid'] = 'admit';
  return made;
}

class PersonRow {
  readonly element: HTMLElement;
  private readonly name = h('p', { class: 'person__name' });
  private readonly about = h('p', { class: 'person__about' });
  private readonly chip = h('span', { class: 'chip' });
  private readonly admit: HTMLButtonElement;

  constructor(item: PersonItem, actions: BoardActions) {
    this.admit = admitButton(item, actions);
    this.element = h('li', {}, h('div', { class: 'person' }, this.name, this.about), this.chip, this.admit);
  }

  update({ participant, mine, mayAdmit, admitting }: PersonItem): void {
    setText(this.name, mine ? `${fullName(participant.info)} (${r.me})` : fullName(participant.info));
    setText(this.about, r.role[participant.info.role]);
    setText(this.chip, r.presence[participant.state]);
    this.chip.className = `chip ${CHIP[participant.state] ?? ''}`;
    this.admit.hidden = !mayAdmit;
    this.admit.disabled = admitting;
  }
}

/** One side of the consultation: its facilities and its people. */
class SideCard {
  readonly element: HTMLElement;
  private readonly facilities = h('p', { class: 'soft small' });
  private readonly rows: Keyed<PersonItem, PersonRow>;

  constructor(
    private readonly side: Side,
    title: string,
    actions: BoardActions,
    extra: HTMLElement | null,
  ) {
    const list = h('ul', { class: 'people' });
    this.rows = new Keyed(
      list,
      (item) => new PersonRow(item, actions),
      (row, item) => row.update(item),
    );
    this.element = h('section', { class: 'side' }, h('header', {}, h('h2', {}, title), this.facilities), list, extra);
  }

  update(state: RoomState): void {
    const people = state.room.participants.filter((one) => one.state !== 'left' && one.info.side === this.side);
    const places = [...new Set(people.map((one) => one.info.facility).filter(Boolean))];
    setText(this.facilities, people.length ? places.join(', ') : r.board.nobody);
    this.rows.show(people.map((one) => [one.info.participant_id, itemOf(one, state)]));
  }
}

/** Whether the patient is present, and the button of those who know. */
class PatientLine {
  private readonly line = h('p', { class: 'ready__line' });
  private readonly shown = new Rendered(this.line);
  private readonly yes: HTMLButtonElement;
  private readonly no: HTMLButtonElement;
  readonly element: HTMLElement;

  constructor(actions: BoardActions) {
    this.yes = button('button--primary', 'user-check', r.board.markPresent, () => actions.markPatient(true));
    this.no = button('button--quiet', null, r.board.markAbsent, () => actions.markPatient(false));
    this.element = h('div', { class: 'ready' }, this.line, this.yes, this.no);
  }

  update(state: RoomState): void {
    const here = state.room.patient_present;
    const busy = Object.values(state.pending).some((action) => action.do === 'mark_patient');
    this.line.classList.toggle('ready__line--yes', here);
    this.shown.show(String(here), () => [
      icon(here ? 'circle-check' : 'circle'),
      here ? r.board.patientPresent : r.board.patientAbsent,
    ]);
    const focused = [this.yes, this.no].includes(document.activeElement as HTMLButtonElement);
    this.yes.hidden = !state.permissions.mark_patient || here;
    this.no.hidden = !state.permissions.mark_patient || !here;
    this.yes.disabled = this.no.disabled = busy;
    // The two take turns; whoever pressed one with the keyboard goes on at the other.
    if (focused) (here ? this.no : this.yes).focus();
  }
}

/** The waiting board: both sides, who is here, whether the patient is present, whom to invite. */
export class Board {
  readonly element: HTMLElement;
  private readonly lead = h('div', { class: 'board__lead', role: 'status' });
  private readonly leadShown = new Rendered(this.lead);
  private readonly title = h('h1', { tabindex: '-1' });
  private readonly text = h('p', { class: 'soft' });
  private readonly patient: PatientLine;
  private readonly sides: readonly SideCard[];

  constructor(
    private readonly boot: Boot,
    actions: BoardActions,
  ) {
    this.patient = new PatientLine(actions);
    this.sides = [
      // In a visit the patient is one of the people; nobody has to say that they are there.
      new SideCard('spoke', r.board.spoke, actions, boot.kind === 'consultation' ? this.patient.element : null),
      new SideCard('hub', r.board.hub, actions, null),
    ];
    this.element = h(
      'section',
      { class: 'board', 'aria-label': r.lead.waiting },
      this.lead,
      boot.place_url && new PlaceInLine(boot.place_url).element,
      h('div', { class: 'board__sides' }, ...this.sides.map((side) => side.element)),
    );
  }

  update(state: RoomState): void {
    const what = waitingFor(state, this.boot.me.side);
    this.leadShown.show(what.icon, () => [
      h('span', { class: 'board__icon' }, icon(what.icon, 'icon--large')),
      h('div', {}, this.title, this.text),
    ]);
    setText(this.title, what.title);
    setText(this.text, what.text);
    for (const side of this.sides) side.update(state);
    this.patient.update(state);
  }
}

class KnockRow {
  readonly element: HTMLElement;
  private readonly admit: HTMLButtonElement;

  constructor(item: PersonItem, actions: BoardActions) {
    const { info } = item.participant;
    this.admit = admitButton(item, actions);
    this.element = h(
      'div',
      { class: 'knock' },
      icon('user-plus'),
      h(
        'div',
        { class: 'person' },
        h('p', { class: 'person__name' }, r.board.someoneWaits(fullName(info))),
        h('p', { class: 'person__about' }, [r.role[info.role], info.facility].filter(Boolean).join(' · ')),
      ),
      this.admit,
    );
  }

  update({ admitting }: PersonItem): void {
    this.admit.disabled = admitting;
  }
}

/** Somebody is at the door during the call: one line above the pictures. */
export class Knock {
  readonly element = h('div', { class: 'knocks', role: 'status' });
  private readonly rows: Keyed<PersonItem, KnockRow>;

  constructor(actions: BoardActions) {
    this.rows = new Keyed(
      this.element,
      (item) => new KnockRow(item, actions),
      (row, item) => row.update(item),
    );
  }

  update(state: RoomState, inCall: boolean): void {
    const items = inCall ? state.room.participants.map((one) => itemOf(one, state)).filter((item) => item.mayAdmit) : [];
    this.rows.show(items.map((item) => [item.participant.info.participant_id, item]));
  }
}
