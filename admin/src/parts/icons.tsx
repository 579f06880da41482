import type { ReactNode } from 'react';

/** Drawn for 20 px; decoration only, so hidden from assistive technology. */
function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

export const HomeIcon = () => (
  <Icon>
    <path d="M3 9.2 10 3l7 6.2M5 8v9h10V8M8.5 17v-5h3v5" />
  </Icon>
);
export const NewsletterIcon = () => (
  <Icon>
    <path d="M3 4h11v11.5a1.5 1.5 0 0 0 3 0V7h-3M3 4v11.5A1.5 1.5 0 0 0 4.5 17h11M6 7.5h5M6 10.5h5M6 13.5h3" />
  </Icon>
);
export const SubscribersIcon = () => (
  <Icon>
    <path d="M2.5 16.5c.4-3 2.3-4.5 4.8-4.5s4.4 1.5 4.8 4.5M13 11.6c2.4-.3 4.2 1.2 4.5 4" />
    <circle cx="7.3" cy="7" r="2.6" />
    <circle cx="13.6" cy="7.2" r="2" />
  </Icon>
);
export const CampaignIcon = () => (
  <Icon>
    <path d="M3 5h14v10.5H3zM3.3 5.6 10 11l6.7-5.4" />
  </Icon>
);
export const SettingsIcon = () => (
  <Icon>
    <path d="M3 6h8M15 6h2M3 14h2M9 14h8" />
    <circle cx="13" cy="6" r="2" />
    <circle cx="7" cy="14" r="2" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m4.5 10.5 3.6 3.6 7.4-8" />
  </Icon>
);
export const CircleIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6.5" />
  </Icon>
);
export const UpIcon = () => (
  <Icon>
    <path d="M10 16V4.5M5 9.5l5-5 5 5" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="M10 4v11.5M5 10.5l5 5 5-5" />
  </Icon>
);
