import type { CourantApi, Declaration, FieldProblem, FormDescription, Problem } from './courant-api.ts';
import { element } from './element.ts';
import { createDoneView, createFormView } from './form-view.ts';
import type { FormValues, FormView } from './form-view.ts';

/** Loaded when a proof of work is asked for, and not before. */
interface ChallengeModule {
  solve(challenge: unknown): Promise<string>;
}

/** So far ahead of the visible part the wordings are fetched, so that they are there when the reader is. */
const AHEAD = '400px';
/** A form token works for a day; a page may lie open for longer. */
const TOKEN_MS = 12 * 3_600_000;
/** One for the first answer, one for a challenge that ran out meanwhile. */
const PROOFS = 2;

/**
 * `<courant-signup newsletters="the-weekly" lang="en">`. Asks for its wordings when it is about to be seen and for a form token when
 * somebody uses it; until then, and without JavaScript, what stands inside it is shown. Keeps nothing in the browser.
 */
export function defineCourantSignup(base: URL, api: CourantApi, sheet: CSSStyleSheet): void {
  class CourantSignup extends HTMLElement {
    static readonly observedAttributes = ['newsletters', 'lang'];
    readonly #root = this.attachShadow({ mode: 'open', delegatesFocus: false });
    readonly #nearView = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
          this.#nearView.disconnect();
          void this.#load(false);
        }
      },
      { rootMargin: AHEAD },
    );
    #description: FormDescription | undefined;
    #token: { readonly value: Promise<string | undefined>; readonly at: number } | undefined;
    #isBusy = false;

    connectedCallback(): void {
      if (this.#description === undefined) {
        this.#root.adoptedStyleSheets = [sheet];
        this.#root.replaceChildren(element('slot'));
        this.#nearView.observe(this);
      }
    }

    disconnectedCallback(): void {
      this.#nearView.disconnect();
    }

    attributeChangedCallback(): void {
      if (this.#description !== undefined && this.isConnected) {
        void this.#load(false);
      }
    }

    async #load(isFresh: boolean): Promise<FormView | undefined> {
      const newsletters = (this.getAttribute('newsletters') ?? '').split(/[\s,]+/).filter(Boolean);
      const lang = this.closest('[lang]')?.getAttribute('lang') || navigator.language;
      const answer = await api.readForm(newsletters.join(','), lang, isFresh);
      if (answer.kind !== 'ok') {
        this.#showFallback(answer.kind === 'problem' ? answer.problem.detail : undefined);
        return undefined;
      }
      this.#description = answer.body;
      this.#token = undefined;
      return this.#showForm(answer.body);
    }

    /** The page's own words or link stay; where there are none, a link to our page does what the form would have. */
    #showFallback(reason: string | undefined): void {
      // For the maker of the page, who has no other place to look.
      // oxlint-disable-next-line no-console
      console.error(`courant-signup: ${reason ?? explainSilence(base)}`);
      if (this.textContent.trim() === '' && this.childElementCount === 0) {
        this.#root.replaceChildren(
          element('div', { class: 'box', part: 'box' }, element('a', { href: base.href }, base.host)),
        );
      }
    }

    #showForm(description: FormDescription): FormView {
      const view = createFormView(description);
      view.form.addEventListener('focusin', () => void this.#fetchToken());
      view.form.addEventListener('submit', (event) => {
        event.preventDefault();
        void this.#submit(description, view);
      });
      this.#root.replaceChildren(view.box);
      return view;
    }

    /** Once for whoever asks while it is on its way; again when it failed. */
    #fetchToken(): Promise<string | undefined> {
      if (this.hasAttribute('preview')) {
        return Promise.resolve(undefined);
      }
      if (this.#token === undefined || Date.now() - this.#token.at > TOKEN_MS) {
        const value = api.readToken().then((answer) => {
          if (answer.kind === 'ok') {
            return answer.body.formToken;
          }
          this.#token = undefined;
          return undefined;
        });
        this.#token = { value, at: Date.now() };
      }
      return this.#token.value;
    }

    async #submit(description: FormDescription, view: FormView): Promise<void> {
      if (this.#isBusy) {
        return;
      }
      const values = view.read();
      const { texts } = description;
      const problems = findProblems(values, texts);
      view.showAlert('');
      view.showProblems(problems);
      if (problems.length > 0) {
        return;
      }
      this.#isBusy = true;
      view.showProgress(texts['sending'] ?? '');
      try {
        await this.#send(description, view, values);
      } finally {
        view.showProgress('');
        this.#isBusy = false;
      }
    }

    async #send(description: FormDescription, view: FormView, values: FormValues): Promise<void> {
      const { texts } = description;
      const declaration: Declaration = {
        email: values.email,
        newsletters: values.newsletters,
        terms: true,
        privacy: true,
        locale: description.locale,
        form: description.form,
        formToken: await this.#fetchToken(),
        pageUrl: /^https?:$/.test(location.protocol) ? location.origin + location.pathname : undefined,
      };
      const answer = this.hasAttribute('preview')
        ? ({ kind: 'ok' } as const)
        : await this.#prove(declaration, texts, view);
      if (answer.kind === 'ok') {
        this.#showDone(description);
      } else if (answer.kind === 'unreachable' || answer.status >= 500) {
        view.showAlert(texts['unreachable'] ?? '', true);
        view.labelButton(texts['again'] ?? '');
      } else if (answer.status === 429) {
        view.showAlert((texts['too_many'] ?? '').replace('{time}', inTime(answer.retryAfter, description.locale)));
        view.labelButton(texts['again'] ?? '');
      } else {
        await this.#showRefusal(description, view, values, answer.problem);
      }
    }

    /** Posts, and does the work that the server asks for when it asks. */
    async #prove(declaration: Declaration, texts: FormDescription['texts'], view: FormView) {
      let answer = await api.signUp(declaration);
      for (let proofs = 0; proofs < PROOFS; proofs += 1) {
        if (answer.kind !== 'problem' || answer.problem.code !== 'proof_of_work_required') {
          return answer;
        }
        view.showProgress(texts['proving'] ?? '');
        try {
          const { solve } = (await import(
            /* @vite-ignore */ new URL('embed-challenge.js', base).href
          )) as ChallengeModule;
          answer = await api.signUp({ ...declaration, altcha: await solve(answer.problem.challenge) });
        } catch {
          return { kind: 'unreachable' } as const;
        }
      }
      return answer;
    }

    async #showRefusal(
      description: FormDescription,
      view: FormView,
      values: FormValues,
      problem: Problem,
    ): Promise<void> {
      const { texts } = description;
      const errors = problem.errors ?? [];
      const known = errors.filter(({ field }) => ['email', 'newsletters', 'terms'].includes(field));
      if (problem.code === 'form_changed') {
        // What was agreed to must be what is recorded: the reader sees the new words first.
        const fresh = await this.#load(true);
        fresh?.write(values);
        fresh?.showAlert(texts['changed'] ?? problem.detail);
        fresh?.form.querySelector('input')?.focus();
        return;
      }
      view.showProblems(known.map((one) => ({ ...one, message: texts[one.code] ?? one.message })));
      if (known.length < errors.length || known.length === 0) {
        view.showAlert(texts[problem.code] ?? problem.detail, true);
      }
    }

    #showDone(description: FormDescription): void {
      const done = createDoneView(description);
      this.#root.replaceChildren(done);
      done.focus();
      this.dispatchEvent(new CustomEvent('courant-signup', { bubbles: true, composed: true }));
    }
  }

  customElements.define('courant-signup', CourantSignup);
}

/** A browser does not tell a page apart a refusal, a policy and a cut line. */
function explainSilence(base: URL): string {
  return `no answer from ${base.origin} that this page may read. Is ${location.origin} named under "Sites" in the admin app, and ${base.origin} in connect-src of the page's Content-Security-Policy?`;
}

/** What can be said without asking; the server has the last word. */
function findProblems(values: FormValues, texts: FormDescription['texts']): readonly FieldProblem[] {
  const problem = (field: string, code: string): FieldProblem => ({ field, code, message: texts[code] ?? '' });
  return [
    ...(values.newsletters.length === 0 ? [problem('newsletters', 'newsletter_missing')] : []),
    ...(values.email.trim() === '' ? [problem('email', 'email_missing')] : []),
    ...(values.terms ? [] : [problem('terms', 'terms_not_accepted')]),
  ];
}

/** "in 5 minutes", in any language. */
function inTime(seconds: number, locale: string): string {
  const [amount, unit] =
    seconds < 90
      ? ([seconds, 'second'] as const)
      : seconds < 5400
        ? ([seconds / 60, 'minute'] as const)
        : ([seconds / 3600, 'hour'] as const);
  return new Intl.RelativeTimeFormat(locale).format(Math.ceil(amount), unit);
}
