import { createApi } from './courant-api.ts';
import { defineCourantSignup } from './courant-signup.ts';
import style from './style.css?inline';

/** Where this file came from; also when a bundler or tag manager put the script there, which hides `currentScript`. */
function findBase(): URL {
  const script = document.currentScript ?? document.querySelector('script[src*="/embed.js"]');
  return new URL('.', script instanceof HTMLScriptElement ? script.src : location.href);
}

// A browser without adopted style sheets shows what stands inside the element: better than a form without style.
if (!customElements.get('courant-signup') && 'replaceSync' in CSSStyleSheet.prototype) {
  const base = findBase();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  defineCourantSignup(base, createApi(base), sheet);
}
