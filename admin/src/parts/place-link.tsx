import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

const BASE = '/admin';

/** Addresses from the API are whole paths: those of this app open in place, others in a tab of their own. */
export function PlaceLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return href === BASE || href.startsWith(`${BASE}/`) ? (
    <Anchor component={Link} to={href.slice(BASE.length) || '/'} inherit>
      {children}
    </Anchor>
  ) : (
    <Anchor href={href} target="_blank" rel="noreferrer" inherit>
      {children}
    </Anchor>
  );
}
