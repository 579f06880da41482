import type { FieldProblem, FormDescription, SentencePart } from './courant-api.ts';
import { element } from './element.ts';

export interface FormView {
  readonly box: HTMLElement;
  readonly form: HTMLFormElement;
  /** What the reader typed and ticked. */
  read(): FormValues;
  write(values: FormValues): void;
  showProblems(problems: readonly FieldProblem[]): void;
  /** Above the button, and said aloud; `link` offers our own page. */
  showAlert(text: string, withLink?: boolean): void;
  /** While something is under way; empty when it is over. */
  showProgress(text: string): void;
  labelButton(text: string): void;
}

export interface FormValues {
  readonly email: string;
  readonly newsletters: readonly string[];
  readonly terms: boolean;
}

/** The form as the description says it, in its language and direction. Nothing is ticked. */
export function createFormView(description: FormDescription): FormView {
  const { texts, newsletters, locale, dir } = description;
  const [only] = newsletters.length === 1 ? newsletters : [];
  const email = element('input', {
    id: 'email',
    type: 'email',
    name: 'email',
    autocomplete: 'email',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: '254',
    dir: 'ltr',
    required: true,
  });
  const terms = element('input', { id: 'terms', type: 'checkbox', required: true });
  const boxes = newsletters.map(({ slug }) => element('input', { type: 'checkbox', value: slug }));
  const alert = element('p', { class: 'alert', role: 'alert' });
  const status = element('p', { class: 'status small', role: 'status' });
  const button = element('button', { type: 'submit', 'aria-describedby': only && 'consent' }, texts['submit']);
  const errors = new Map(
    ['newsletters', 'email', 'terms'].map((field) => [
      field,
      element('p', { class: 'error', id: `${field}-error`, hidden: true }),
    ]),
  );

  const choice = element(
    'fieldset',
    { id: 'newsletters', tabindex: '-1' },
    element('legend', {}, texts['newsletters']),
    ...newsletters.map((newsletter, index) =>
      element(
        'label',
        { class: 'choice' },
        boxes[index],
        element(
          'span',
          {},
          element('strong', {}, newsletter.name),
          element('span', { class: 'cadence' }, newsletter.cadence),
          element('span', { class: 'small' }, newsletter.consent),
        ),
      ),
    ),
    errors.get('newsletters'),
  );
  const head = only && [
    element('p', { class: 'title', part: 'title' }, only.name),
    element('p', { class: 'cadence', part: 'cadence' }, only.cadence),
  ];
  const form = element(
    'form',
    { novalidate: true },
    ...(head ?? [choice]),
    element('div', { class: 'field' }, element('label', { for: 'email' }, texts['email']), email, errors.get('email')),
    element(
      'div',
      { class: 'field small' },
      element('label', { class: 'choice' }, terms, element('span', {}, ...sentence(description.terms, texts))),
      errors.get('terms'),
    ),
    element('p', { class: 'small' }, ...sentence(description.privacy, texts)),
    only && element('p', { class: 'small', id: 'consent' }, only.consent),
    alert,
    button,
    status,
  );

  const fields = new Map<string, HTMLElement>([
    ['newsletters', choice],
    ['email', email],
    ['terms', terms],
  ]);
  return {
    box: element('div', { class: 'box', part: 'box', lang: locale, dir }, form),
    form,
    read: () => ({
      email: email.value,
      newsletters: only ? [only.slug] : boxes.filter((box) => box.checked).map((box) => box.value),
      terms: terms.checked,
    }),
    write: (values) => {
      email.value = values.email;
    },
    showProblems: (problems) => {
      for (const [name, field] of fields) {
        const text = problems.find((problem) => problem.field === name)?.message;
        const error = errors.get(name);
        error?.replaceChildren(text ?? '');
        error?.toggleAttribute('hidden', text === undefined);
        for (const [attribute, value] of [
          ['aria-invalid', 'true'],
          ['aria-describedby', `${name}-error`],
        ] as const) {
          if (text === undefined) {
            field.removeAttribute(attribute);
          } else if (attribute !== 'aria-invalid' || field instanceof HTMLInputElement) {
            field.setAttribute(attribute, value);
          }
        }
      }
      const first = [...fields].find(([name]) => problems.some((problem) => problem.field === name));
      first?.[1].focus();
    },
    showAlert: (text, withLink = false) => {
      alert.replaceChildren(text);
      if (withLink) {
        alert.append(' ', link(description.pageUrl, texts['elsewhere'] ?? '', texts));
      }
    },
    showProgress: (text) => {
      status.replaceChildren(text);
      button.setAttribute('aria-disabled', String(text !== ''));
    },
    labelButton: (text) => button.replaceChildren(text),
  };
}

/** What stands there once the mail is on its way. */
export function createDoneView({ texts, locale, dir }: FormDescription): HTMLElement {
  return element(
    'div',
    { class: 'box', part: 'box', lang: locale, dir, role: 'status', tabindex: '-1' },
    element('p', { class: 'title', part: 'title' }, texts['done_title']),
    element('p', {}, texts['done']),
  );
}

function sentence(parts: readonly SentencePart[], texts: FormDescription['texts']): (Node | string)[] {
  return parts.map((part) => (part.url === undefined ? part.text : link(part.url, part.text, texts)));
}

/** In a tab of its own, so that what was typed is not lost. */
function link(url: string, text: string, texts: FormDescription['texts']): HTMLAnchorElement {
  return element('a', { href: url, target: '_blank', rel: 'noopener', title: texts['new_tab'] }, text);
}
