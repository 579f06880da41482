export interface FieldProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A problem document (RFC 9457) as an error. `message` is for people, `code` for branches. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;
  /** Whatever else the problem document says. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    fields: readonly FieldProblem[] = [],
    retryAfterSeconds?: number,
    more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
    this.more = more;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Query = Readonly<Record<string, string | number | undefined>>;

export function get<Answer>(path: string, query: Query = {}): Promise<Answer> {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(given).toString();
  return request<Answer>('GET', search === '' ? path : `${path}?${search}`);
}

export function post<Answer = void>(path: string, body: unknown = {}): Promise<Answer> {
  return request<Answer>('POST', path, body);
}

export function put<Answer>(path: string, body: unknown): Promise<Answer> {
  return request<Answer>('PUT', path, body);
}

export function patch<Answer>(path: string, body: unknown): Promise<Answer> {
  return request<Answer>('PATCH', path, body);
}

export function remove(path: string, body?: unknown): Promise<void> {
  return request<void>('DELETE', path, body);
}

async function request<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
    });
  } catch {
    throw new ApiProblem(0, 'unreachable', 'Courant does not answer. Is it still running?');
  }
  if (!response.ok) {
    throw await readProblem(response);
  }
  // The type is the contract of the API; the server checks what goes in, and tests hold what comes out.
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function readProblem(response: Response): Promise<ApiProblem> {
  const problem = (await response.json().catch(() => ({}))) as {
    code?: string;
    detail?: string;
    errors?: readonly FieldProblem[];
  } & Record<string, unknown>;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem(
    response.status,
    problem.code ?? 'unknown',
    problem.detail ?? `The server answered with ${response.status} ${response.statusText}.`,
    problem.errors ?? [],
    Number.isFinite(retryAfter) ? retryAfter : undefined,
    problem,
  );
}
