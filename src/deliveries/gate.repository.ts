import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** Why the gate turned a delivery away. Stable codes; kept in `deliveries.reason`. */
const GATE_REASONS = [
  'subscriber_gone',
  'not_active',
  'paused',
  'suppressed',
  'request_closed',
  'recently_confirmed_to_bouncing_address',
  'not_a_proofreader',
  'cause_gone',
] as const;
type GateReason = (typeof GATE_REASONS)[number];

/** The sign-up request behind the cause of a confirmation: the request itself, or the one whose mail a resend repeats. */
export function requestOf(causeId: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`coalesce((select again.mailed_request_id from confirmation_resends again where again.id = ${causeId}), ${causeId})`;
}

/**
 * The gate, per kind, as one SQL expression over a delivery `d`: null lets the mail pass, anything else is the reason it
 * does not. It fails closed: what is not found is not mailed. The address must still be the subscriber's own (S24).
 *
 * campaign, issue: subscription active and not paused, no suppression. welcome: active, no suppression. confirm: request open; no manual or complaint
 * suppression; after a hard bounce one in 30 days; an erasure lets it through (only the confirming POST lifts that).
 * test: admins' verified addresses and listed proofreaders only. system: the reader's own address, or the new one that an open
 * change names; what asked for it is still open; an admin's own address, proven or to be proven. Unsubscribed is not a suppression.
 */
export function gateReason(now: Date): RawBuilder<GateReason | null> {
  return sql<GateReason | null>`case
    when d.kind in ('campaign', 'issue', 'welcome') then case
      when s.id is null or s.address <> d.address then 'subscriber_gone'
      else case (select case when n.paused_until > ${now} and d.kind <> 'welcome' then 'paused' else 'active' end
          from subscriptions n
          where n.id = d.subscription_id and n.subscriber_id = d.subscriber_id and n.status = 'active')
        when 'active' then case
          when exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null) then 'suppressed'
        end
        when 'paused' then 'paused'
        else 'not_active'
      end
    end
    when d.kind = 'confirm' then case
      when s.id is null or s.address <> d.address then 'subscriber_gone'
      when not exists (select 1 from signup_requests r
        where r.id = ${requestOf(sql.ref('d.cause_id'))} and r.status = 'open' and r.expires_at > ${now}) then 'request_closed'
      when exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null
        and x.reason in ('manual', 'complaint')) then 'suppressed'
      when exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null
          and x.reason = 'hard-bounce')
        and exists (select 1 from deliveries earlier
          where earlier.subscriber_id = d.subscriber_id and earlier.kind = 'confirm' and earlier.id <> d.id
            and earlier.attempt > 0 and earlier.created_at > ${now}::timestamptz - interval '30 days')
        then 'recently_confirmed_to_bouncing_address'
    end
    when d.kind = 'test' then case
      when not exists (select 1 from admins a where a.address = d.address and a.verified_at is not null)
        and not exists (select 1 from proofreaders p where p.address = d.address and p.newsletter_id = d.newsletter_id)
        then 'not_a_proofreader'
    end
    when d.kind = 'system' and exists (select 1 from address_changes c where c.id = d.cause_id) then case
      when s.id is null then 'subscriber_gone'
      when not exists (select 1 from address_changes c where c.id = d.cause_id and c.new_address = d.address
        and c.status = 'open' and c.expires_at > ${now}) then 'cause_gone'
      when exists (select 1 from address_changes c join suppressions x on x.address_hash = c.new_address_hash
        where c.id = d.cause_id and x.lifted_at is null and x.reason <> 'erasure') then 'suppressed'
    end
    when d.kind = 'system' and d.subscriber_id is not null then case
      when s.id is null or s.address <> d.address then 'subscriber_gone'
      when exists (select 1 from preference_links l where l.id = d.cause_id and l.expires_at <= ${now})
        or exists (select 1 from address_changes c where c.old_cause_id = d.cause_id and (c.status <> 'open' or c.expires_at <= ${now}))
        then 'cause_gone'
      when exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null) then 'suppressed'
    end
    when d.kind = 'system' then case
      when not exists (select 1 from admin_verifications v
        where v.id = d.cause_id and v.address = d.address and v.expires_at > ${now})
        and not exists (select 1 from admin_notices n join admins a on a.id = n.admin_id
          where n.id = d.cause_id and a.address = d.address and a.verified_at is not null) then 'cause_gone'
    end
    else 'cause_gone'
  end`;
}
