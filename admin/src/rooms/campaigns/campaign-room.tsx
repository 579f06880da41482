import { skipToken, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { Campaign } from '../../api/campaign-types.ts';
import { Loaded, Room } from '../../parts/room.tsx';
import { CampaignEditor } from './campaign-editor.tsx';
import { CampaignProgress } from './campaign-progress.tsx';

const NEW = 'new';
const BACK = { to: '/campaigns', label: 'Campaigns' };

/**
 * A draft is edited; everything else is watched. A new campaign gets its number when it is first saved: the address then
 * changes under the same editor, with whatever dialog is open in it.
 */
export function CampaignRoom() {
  const { id = NEW } = useParams();
  const [createdId, setCreatedId] = useState<string>();
  return (
    <CampaignDesk
      key={id === createdId ? NEW : id}
      id={id === NEW ? undefined : Number(id)}
      onCreated={(created) => setCreatedId(String(created))}
    />
  );
}

function CampaignDesk({
  id,
  onCreated,
}: {
  readonly id: number | undefined;
  readonly onCreated: (id: number) => void;
}) {
  const newsletters = useQuery({ queryKey: ['newsletters'], queryFn: api.newsletters });
  const campaign = useQuery({
    queryKey: ['campaign', id],
    queryFn: id === undefined ? skipToken : () => api.campaign(id),
    refetchInterval: ({ state }) => pollEveryMs(state.data),
  });
  const { data } = campaign;
  const title = id === undefined ? 'A new campaign' : (data?.subject ?? 'Campaign');
  if (data !== undefined && data.status !== 'draft') {
    return (
      <Room title={title} back={BACK}>
        <CampaignProgress campaign={data} />
      </Room>
    );
  }
  return (
    <Room title={title} back={BACK}>
      {id !== undefined && data === undefined ? (
        <Loaded query={campaign}>{() => null}</Loaded>
      ) : (
        <Loaded query={newsletters}>
          {(list) => <CampaignEditor newsletters={list} campaign={data} onCreated={onCreated} />}
        </Loaded>
      )}
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
