import { Tabs } from '@mantine/core';
import { useNavigate, useParams } from 'react-router';
import { Room } from '../../parts/room.tsx';
import { AccountTab } from './account-tab.tsx';
import { AuditTab } from './audit-tab.tsx';
import { LegalTab } from './legal-tab.tsx';
import { SendingTab } from './sending-tab.tsx';
import { TokensTab } from './tokens-tab.tsx';

const TABS = {
  account: 'You',
  legal: 'Legal texts',
  sending: 'Sending',
  tokens: 'API tokens',
  log: 'Log',
} as const;

export function SettingsRoom() {
  const { tab = 'account' } = useParams();
  const navigate = useNavigate();
  return (
    <Room title="Settings">
      <Tabs
        value={tab in TABS ? tab : 'account'}
        onChange={(next) => void navigate(`/settings/${next ?? 'account'}`, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {Object.entries(TABS).map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="account">
          <AccountTab />
        </Tabs.Panel>
        <Tabs.Panel value="legal">
          <LegalTab />
        </Tabs.Panel>
        <Tabs.Panel value="sending">
          <SendingTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <AuditTab />
        </Tabs.Panel>
      </Tabs>
    </Room>
  );
}
