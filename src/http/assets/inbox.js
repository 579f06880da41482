/* The list of the local inbox updates by itself. Without this script everything works after a reload. */
const mailbox = document.querySelector('#mailbox');
const listUrl = document.querySelector('.inbox').dataset.list;
const pageUrl = location.pathname === '/inbox/latest' ? location.href : listUrl;
let isLoading = false;
let wanted;

function known() {
  return new Set([...mailbox.querySelectorAll('[data-id]')].map((link) => link.dataset.id));
}

/** Takes the new list out of the same page, keeping the open mail, the place in the list and the focus. */
function replaceList(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const fresh = page.querySelector('#mailbox');
  const before = known();
  const open = mailbox.querySelector('[aria-current]')?.dataset.id;
  const focused = document.activeElement?.closest('#mailbox [data-id]')?.dataset.id;
  const top = mailbox.querySelector('.mails')?.scrollTop ?? 0;
  for (const link of fresh.querySelectorAll('[data-id]')) {
    link.classList.toggle('is-new', !before.has(link.dataset.id));
    if (link.dataset.id === open) {
      link.setAttribute('aria-current', 'page');
    }
  }
  for (const part of ['.count', '.mailbox-foot']) {
    mailbox.querySelector(part).replaceWith(fresh.querySelector(part));
  }
  mailbox.querySelector('.mails, .empty').replaceWith(fresh.querySelector('.mails, .empty'));
  document.querySelector('.placeholder')?.replaceWith(page.querySelector('.placeholder'));
  mailbox.dataset.state = fresh.dataset.state;
  mailbox.querySelector('.mails')?.scrollTo({ top });
  mailbox.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
}

/** News that comes while a list is on its way is looked at after it. */
async function refresh(state) {
  wanted = state;
  if (isLoading || state === mailbox.dataset.state) {
    return;
  }
  if (pageUrl !== listUrl) {
    location.reload();
    return;
  }
  isLoading = true;
  let loaded;
  try {
    do {
      loaded = wanted;
      const answer = await fetch(listUrl);
      if (!answer.ok) {
        return;
      }
      replaceList(await answer.text());
    } while (wanted !== loaded && wanted !== mailbox.dataset.state);
  } finally {
    isLoading = false;
  }
}

const live = document.querySelector('#live');
function showLive(isLive) {
  live.textContent = isLive ? 'Live' : 'Reconnecting';
  live.classList.toggle('is-off', !isLive);
}

const events = new EventSource('/inbox/events');
events.addEventListener('open', () => showLive(true));
events.addEventListener('error', () => showLive(false));
events.addEventListener('message', (event) => {
  void refresh(event.data);
});
