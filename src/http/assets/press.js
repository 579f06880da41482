// Tells a press of the button from a script that submits the form (R36): only a person's press is a trusted event, whether it comes
// from a mouse, a finger, a key or a reading aid. Without scripts the button's own name and value have to do.
for (const button of document.querySelectorAll('button[name=press]')) {
  const by = document.createElement('input');
  by.type = 'hidden';
  by.name = 'by';
  by.value = 'script';
  button.form.append(by);
  button.addEventListener('click', (event) => {
    by.value = event.isTrusted ? 'hand' : 'script';
  });
}
