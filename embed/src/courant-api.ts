/** What GET /api/v1/signup-form answers: src/embed/describe-form.ts. */
export interface FormDescription {
  /** Names the wordings below in the consent record. */
  readonly form: string;
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  /** Our own page with the same form. */
  readonly pageUrl: string;
  readonly newsletters: readonly NewsletterDescription[];
  readonly terms: readonly SentencePart[];
  readonly privacy: readonly SentencePart[];
  readonly texts: Readonly<Record<string, string>>;
}

export interface NewsletterDescription {
  readonly slug: string;
  readonly name: string;
  readonly cadence: string;
  readonly consent: string;
}

export interface SentencePart {
  readonly text: string;
  readonly url?: string;
}

export interface FieldProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A problem document (RFC 9457). */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly challenge?: unknown;
}

export type Answer<Body> =
  | { readonly kind: 'ok'; readonly body: Body }
  | { readonly kind: 'problem'; readonly status: number; readonly problem: Problem; readonly retryAfter: number }
  /** No answer that the page may read: no network, or a site that no admin named. */
  | { readonly kind: 'unreachable' };

export interface Declaration {
  readonly email: string;
  readonly newsletters: readonly string[];
  readonly terms: true;
  readonly privacy: true;
  readonly locale: string;
  readonly form: string;
  readonly formToken?: string | undefined;
  readonly altcha?: string | undefined;
  readonly pageUrl?: string | undefined;
}

const TIMEOUT_MS = 20_000;

export interface CourantApi {
  readForm(newsletters: string, locale: string, isFresh: boolean): Promise<Answer<FormDescription>>;
  readToken(): Promise<Answer<{ readonly formToken: string }>>;
  signUp(declaration: Declaration): Promise<Answer<unknown>>;
}

/** `base` is where this script came from. No cookie goes there or comes back. */
export function createApi(base: URL): CourantApi {
  const call = async <Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> => {
    try {
      const response = await fetch(new URL(`api/v1/${path}`, base), {
        ...init,
        credentials: 'omit',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body: unknown = await response.json();
      return response.ok
        ? { kind: 'ok', body: body as Body }
        : {
            kind: 'problem',
            status: response.status,
            problem: body as Problem,
            retryAfter: Number(response.headers.get('retry-after') ?? 60),
          };
    } catch {
      return { kind: 'unreachable' };
    }
  };
  return {
    readForm: (newsletters, locale, isFresh) =>
      call(`signup-form?${new URLSearchParams({ newsletters, locale }).toString()}`, {
        cache: isFresh ? 'reload' : 'default',
      }),
    readToken: () => call('form-token'),
    signUp: (declaration) =>
      call('subscriptions', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(declaration),
      }),
  };
}
