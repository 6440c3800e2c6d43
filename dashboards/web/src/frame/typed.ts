let typedOn: string | null = null;

// Before whoever takes it and lets nobody else hear of it.
window.addEventListener('input', () => (typedOn = window.location.pathname), { capture: true });

/** Whether something has been typed or chosen at the address that is open: a form may have what nobody has saved. */
export function hasTyped(): boolean {
  return typedOn === window.location.pathname;
}
