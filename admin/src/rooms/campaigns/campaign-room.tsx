import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { Campaign } from '../../api/types.ts';
import { Loaded, Room } from '../../parts/room.tsx';
import { CampaignEditor } from './campaign-editor.tsx';
import { CampaignProgress } from './campaign-progress.tsx';

const BACK = { to: '/campaigns', label: 'Campaigns' };

/** A draft is edited; everything else is watched. */
export function CampaignRoom() {
  const { id = '' } = useParams();
  return id === 'new' ? <NewCampaign /> : <StandingCampaign key={id} id={Number(id)} />;
}

function NewCampaign() {
  const newsletters = useQuery({ queryKey: ['newsletters'], queryFn: api.newsletters });
  return (
    <Room title="A new campaign" back={BACK}>
      <Loaded query={newsletters}>{(list) => <CampaignEditor newsletters={list} campaign={undefined} />}</Loaded>
    </Room>
  );
}

function StandingCampaign({ id }: { readonly id: number }) {
  const newsletters = useQuery({ queryKey: ['newsletters'], queryFn: api.newsletters });
  const campaign = useQuery({
    queryKey: ['campaign', id],
    queryFn: () => api.campaign(id),
    refetchInterval: ({ state }) => pollEveryMs(state.data),
  });
  return (
    <Room title={campaign.data?.subject ?? 'Campaign'} back={BACK}>
      <Loaded query={campaign}>
        {(data) =>
          data.status === 'draft' ? (
            <Loaded query={newsletters}>{(list) => <CampaignEditor newsletters={list} campaign={data} />}</Loaded>
          ) : (
            <CampaignProgress campaign={data} />
          )
        }
      </Loaded>
    </Room>
  );
}

function pollEveryMs(campaign: Campaign | undefined): number | false {
  if (campaign === undefined) {
    return false;
  }
  switch (campaign.status) {
    case 'scheduled':
    case 'sending':
      return 1000;
    case 'paused':
      return 5000;
    // A deferred mail, or late evidence, may still change the sums of what is over.
    case 'sent':
    case 'cancelled':
      return campaign.progress !== null && campaign.progress.open > 0 ? 2000 : 30_000;
    case 'draft':
      return false;
    default:
      return campaign.status satisfies never;
  }
}
