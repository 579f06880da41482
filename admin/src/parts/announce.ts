import { notifications } from '@mantine/notifications';

/** A quiet word that something is done; screen readers hear it too. */
export function announce(message: string): void {
  notifications.show({ message, color: 'gray', withBorder: true, closeButtonProps: { 'aria-label': 'Hide' } });
}
