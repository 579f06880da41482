// Proves work for a sign-up while there is a burst of them: ALTCHA's solver in a few threads, begun when the form is used. Whatever
// goes wrong, the form can be sent as it is; its confirmation then takes longer.
const CHALLENGE = '/api/v1/signup-challenge';
/** Challenges are good for 20 minutes. */
const FRESH_MS = 18 * 60_000;
const TIMEOUT_MS = 60_000;
const MOST_THREADS = 4;

const box = document.querySelector('[data-proof]');
const form = box?.closest('form');
if (box instanceof HTMLElement && form instanceof HTMLFormElement) {
  guard(form, box);
}

/** @param {HTMLFormElement} form @param {HTMLElement} box */
function guard(form, box) {
  const field = form.elements.namedItem('altcha');
  const text = box.querySelector('[role=status]');
  const progress = box.querySelector('progress');
  const working = text.textContent;
  let proving;
  let solvedAt;
  let isOver = false;
  let isSending = false;

  async function prove() {
    isOver = false;
    box.hidden = false;
    progress.hidden = false;
    text.textContent = working;
    try {
      field.value = await solve(box.dataset.worker);
      solvedAt = performance.now();
      text.textContent = box.dataset.done;
    } catch {
      field.value = '';
      text.textContent = box.dataset.failed;
    }
    progress.hidden = true;
    isOver = true;
  }
  const begin = () => {
    proving ??= prove();
    return proving;
  };

  form.addEventListener('focusin', begin);
  form.addEventListener('submit', (event) => {
    if (solvedAt !== undefined && performance.now() - solvedAt > FRESH_MS) {
      proving = undefined;
      solvedAt = undefined;
    }
    if (proving !== undefined && isOver) {
      return;
    }
    event.preventDefault();
    if (!isSending) {
      isSending = true;
      void begin().then(() => form.submit());
    }
  });
  // A page that comes back by the back button holds a proof that was used.
  addEventListener('pageshow', (event) => {
    if (event.persisted) {
      field.value = '';
      proving = undefined;
      solvedAt = undefined;
      isSending = false;
      box.hidden = true;
    }
  });
}

/** @param {string} workerUrl @returns {Promise<string>} what the server takes as `altcha` */
async function solve(workerUrl) {
  const response = await fetch(CHALLENGE, { credentials: 'omit', signal: AbortSignal.timeout(10_000) });
  if (!response.ok) {
    throw new Error(`answered ${response.status}`);
  }
  const challenge = await response.json();
  const threads = Math.min(MOST_THREADS, Math.max(1, navigator.hardwareConcurrency || 1));
  const workers = Array.from({ length: threads }, () => new Worker(workerUrl));
  try {
    const solution = await Promise.race(
      workers.map(
        (worker, start) =>
          new Promise((resolve, reject) => {
            worker.addEventListener('error', () => reject(new Error('the worker failed')));
            worker.addEventListener('message', ({ data }) => {
              if (data?.derivedKey === undefined) {
                reject(new Error(data?.error ?? 'no solution'));
              } else {
                resolve(data);
              }
            });
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
            worker.postMessage(order(challenge, start, threads));
          }),
      ),
    );
    return btoa(JSON.stringify({ challenge, solution }));
  } finally {
    for (const worker of workers) {
      worker.terminate();
    }
  }
}

/** What ALTCHA's worker takes: every thread tries each `threads`th counter. */
function order(challenge, start, threads) {
  return {
    type: 'work',
    challenge,
    counterMode: 'uint32',
    counterStart: start,
    counterStep: threads,
    timeout: TIMEOUT_MS,
  };
}
