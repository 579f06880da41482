import type { ClaimedDelivery } from '../deliveries/index.ts';
import type { DeliveryId } from '../shared/ids.ts';

/** Those whose campaign is not sent at this hour, by when its hours begin again. */
export function outsideHours(
  deliveries: readonly Pick<ClaimedDelivery, 'id' | 'opensAt'>[],
): readonly { readonly ids: readonly DeliveryId[]; readonly until: Date }[] {
  const shut = deliveries.flatMap(({ id, opensAt }) => (opensAt === null ? [] : [{ id, opensAt }]));
  return [...Map.groupBy(shut, ({ opensAt }) => opensAt.getTime())].map(([untilMs, group]) => ({
    ids: group.map(({ id }) => id),
    until: new Date(untilMs),
  }));
}
