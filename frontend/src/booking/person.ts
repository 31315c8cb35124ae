/** Shows the fields of a new person only when "somebody else" is chosen. Without script they are always there. */
export function showNewPerson(page: Document): void {
  const fields = page.querySelector<HTMLElement>('[data-new-person]');
  const choices = [...page.querySelectorAll<HTMLInputElement>('input[type="radio"][name="who"]')];
  if (!fields || choices.length === 0) return;
  const show = (): void => {
    fields.hidden = !choices.some((choice) => choice.checked && choice.value === 'new');
  };
  for (const choice of choices) choice.addEventListener('change', show);
  show();
}
