import { Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { Newsletter } from '../../api/types.ts';
import { Loaded, Room } from '../../parts/room.tsx';
import { ArticlesTab } from './articles-tab.tsx';
import { BrandForm } from './brand-form.tsx';
import { CategoryRules } from './category-rules.tsx';
import { DigestRulesForm } from './digest-rules-form.tsx';
import { FeedsTab } from './feeds-tab.tsx';
import { IssuesTab } from './issues-tab.tsx';
import { Proofreaders } from './proofreaders.tsx';
import { SectionsTab } from './sections-tab.tsx';
import { SettingsForm } from './settings-form.tsx';
import { SignupFormTab } from './signup-form-tab.tsx';

const TABS = {
  issues: 'Issues',
  articles: 'Articles',
  feeds: 'Feeds',
  sections: 'Sections',
  look: 'Look',
  form: 'Sign-up form',
  settings: 'Settings',
} as const;

export function NewsletterRoom() {
  const { id: idText = '', tab = 'issues' } = useParams();
  const id = Number(idText);
  const newsletter = useQuery({ queryKey: ['newsletters', id], queryFn: () => api.newsletter(id) });
  return (
    <Room title={newsletter.data?.name ?? 'Newsletter'} back={{ to: '/newsletters', label: 'Newsletters' }}>
      <Loaded query={newsletter}>{(data) => <NewsletterTabs key={data.id} newsletter={data} tab={tab} />}</Loaded>
    </Room>
  );
}

function NewsletterTabs({ newsletter, tab }: { readonly newsletter: Newsletter; readonly tab: string }) {
  const navigate = useNavigate();
  return (
    <Tabs
      value={tab in TABS ? tab : 'issues'}
      onChange={(next) => void navigate(`/newsletters/${newsletter.id}/${next ?? 'issues'}`, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List mb="lg">
        {Object.entries(TABS).map(([value, label]) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="issues">
        <IssuesTab newsletter={newsletter} />
      </Tabs.Panel>
      <Tabs.Panel value="articles">
        <ArticlesTab newsletter={newsletter} />
      </Tabs.Panel>
      <Tabs.Panel value="feeds">
        <FeedsTab newsletter={newsletter} />
      </Tabs.Panel>
      <Tabs.Panel value="sections">
        <SectionsTab newsletter={newsletter} />
        <CategoryRules newsletter={newsletter} />
      </Tabs.Panel>
      <Tabs.Panel value="look">
        <BrandForm newsletterId={newsletter.id} />
      </Tabs.Panel>
      <Tabs.Panel value="form">
        <SignupFormTab newsletter={newsletter} />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <Stack gap="lg">
          <SettingsForm newsletter={newsletter} />
          <DigestRulesForm newsletterId={newsletter.id} />
        </Stack>
        <Proofreaders newsletterId={newsletter.id} />
      </Tabs.Panel>
    </Tabs>
  );
}
