/**
 * The second half of a double click does nothing on a button: the first may already have created or sent something, and
 * its answer has not come yet.
 */
export function ignoreDoubleClicks(root: Document): void {
  root.addEventListener(
    'click',
    (event) => {
      if (event.detail > 1 && event.target instanceof Element && event.target.closest('button') !== null) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true },
  );
}
