declare global {
  /** Read by get-nonce, through which the scroll lock of dialogs makes its style sheet. */
  var __webpack_nonce__: string | undefined;
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
globalThis.__webpack_nonce__ = nonce;

/** Style sheets made at run time are let in by this page's nonce only (see src/http/admin-app.ts). */
export function pageNonce(): string {
  return nonce;
}
