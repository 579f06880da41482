import type { DeliveryOutcome } from '../deliveries/index.ts';
import { domainScope, relayScope } from '../limits/index.ts';
import type { Limiter } from '../limits/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import type { SmtpTransaction } from '../platform/smtp/index.ts';
import { AppError, asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { passFailPoint } from '../shared/fail-points.ts';
import type { Random } from '../shared/random.ts';
import type { BuildMail, BuiltMail } from './build-mail.ts';
import { interpretResult } from './replies/interpret-result.ts';
import type { TransactionEnd } from './replies/interpret-result.ts';
import type { Held, LaneQueue } from './lane-queue.ts';
import type { LedgerWriter } from './ledger-writer.ts';
import type { RelayConnection, Relays } from './relays.ts';
import { deferLater } from './retry-policy.ts';
import type { WorkerLease } from './worker-lease.ts';

/** A connection that breaks before the server knows of a reader may be an old one that it has closed: so often another is tried at once. */
const MOST_BREAKS = 2;

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly lease: WorkerLease;
  readonly queue: LaneQueue;
  readonly relays: Relays;
  readonly limiter: Limiter;
  readonly writer: LedgerWriter;
  readonly buildMail: BuildMail;
}

/** One connection of a lane: opened when it is needed, replaced when the server has closed it. */
export interface Connection {
  /** Sends until nothing is due, or nothing may go. @throws only when the database is away or we are wrong. */
  run(): Promise<void>;
  /** QUIT, if it is open. The next run opens another. */
  close(): void;
  /** Destroys the connection, also one that is only being opened: what waits for a reply becomes ambiguous. */
  cut(): void;
}

/** A mail that is ready to go. */
interface Prepared {
  readonly held: Held;
  readonly mail: BuiltMail;
}

/** A mail whose envelope the server has, or is being told. */
interface Begun extends Prepared {
  readonly transaction: SmtpTransaction;
  /** A server may close a connection that has carried mails, without a word. */
  readonly isReused: boolean;
  readonly via: RelayConnection;
}

export function createConnection(deps: ConnectionDeps): Connection {
  const { queue, relays, writer } = deps;
  const cut = new AbortController();
  let via: RelayConnection | undefined;
  /** The outcome of the message before, on its way to the database. */
  let settling: Promise<void> = Promise.resolve();

  function settle(held: Held, outcome: DeliveryOutcome): void {
    const before = settling;
    const written = queue.settle(held, outcome);
    settling = Promise.all([before, written]).then(() => undefined);
    // Looked at before the next dot and at the end of the run.
    settling.catch(() => undefined);
  }

  function hangUp(how: 'close' | 'destroy'): void {
    via?.session[how]();
    via?.release();
    via = undefined;
  }

  /** Undefined when the mail could not be made; then its attempt is over. */
  async function prepare(held: Held, way: RelayConnection): Promise<Prepared | undefined> {
    try {
      passFailPoint('render');
      return { held, mail: await deps.buildMail(held.delivery, way) };
    } catch (error) {
      if (isDatabaseUnavailable(error)) {
        queue.drop(held);
        throw asError(error);
      }
      settle(held, outcomeOfUnbuilt(deps, held, error));
      return undefined;
    }
  }

  /** The next mail, if there is one at hand that may begin now. */
  async function prepareNext(way: RelayConnection): Promise<Prepared | undefined> {
    for (let held = queue.tryTake(); held !== undefined; held = queue.tryTake()) {
      const prepared = await prepare(held, way);
      if (prepared !== undefined) {
        return prepared;
      }
    }
    return undefined;
  }

  function begin(prepared: Prepared, by: RelayConnection): Begun {
    const { delivery } = prepared.held;
    const isReused = by.hasCarried();
    queue.began(prepared.held);
    const envelope = { ...prepared.mail.envelope, to: delivery.address, size: prepared.mail.size };
    return { ...prepared, via: by, isReused, transaction: by.session.begin(envelope) };
  }

  /** Undefined for a mail that was made for a relay of the other kind; then it is made anew. */
  function fitting(given: Prepared | undefined, by: RelayConnection): Prepared | undefined {
    if (given !== undefined && given.mail.isSigned !== by.isSigned) {
      given.mail.release();
      return undefined;
    }
    return given;
  }

  /** Takes the next mail and begins it, on a new connection if there is none. Undefined when the run is over. */
  async function start(given: Prepared | undefined): Promise<Begun | undefined> {
    for (;;) {
      const held = given?.held ?? (await queue.take());
      if (held === undefined) {
        return undefined;
      }
      if (via?.session.isOpen === false || via?.shouldYield() === true) {
        hangUp('close');
      }
      via ??= queue.isStopped() ? undefined : await relays.open(cut.signal);
      if (via === undefined || queue.isStopped()) {
        given?.mail.release();
        queue.putBack(held);
        return undefined;
      }
      passFailPoint('connect');
      const prepared = fitting(given, via) ?? (await prepare(held, via));
      given = undefined;
      if (prepared === undefined) {
        continue;
      }
      if (await queue.isWelcome(held)) {
        return begin(prepared, via);
      }
      prepared.mail.release();
    }
  }

  /** Sees one message through to its reply; returns the next one, which has begun meanwhile or begins now. */
  async function carry(current: Begun): Promise<Begun | undefined> {
    const { held, transaction } = current;
    const ready = await transaction.ready;
    if (ready.kind !== 'go') {
      finish(current, ready);
      return start(undefined);
    }
    if (!(await queue.isWelcome(held))) {
      // The server waits for a message that must not leave: only a broken connection takes it back.
      current.mail.release();
      queue.ended(held);
      hangUp('destroy');
      return start(undefined);
    }
    const committing = writer.commitDot({ delivery: held.delivery, workerId: held.workerId });
    committing.catch(() => undefined);
    const preparing = prepareNext(current.via);
    preparing.catch(() => undefined);
    const isWritten = await transaction.write(current.mail.parts, true);
    passFailPoint('last-block');
    const [dot] = await Promise.all([committing, settling]);
    held.dot = dot === 'refused' ? 'none' : dot;
    const next = await preparing;
    if (dot !== 'committed' || !isStillOurs(held)) {
      // Nobody knows what became of a commit that was cut off: taken as done, the row is put right either way.
      finish(current, { kind: 'withheld', wasDotCommitted: dot !== 'refused' });
      return start(next);
    }
    if (!isWritten) {
      finish(current, await transaction.finish());
      return start(next);
    }
    const replying = transaction.finish();
    const following =
      next !== undefined && mayFollow(current.via) && isFresh(next) ? begin(next, current.via) : undefined;
    const reply = await replying;
    passFailPoint('reply-read');
    finish(current, reply);
    return following ?? start(next);
  }

  /** RFC 2920: dot and next envelope in one write. */
  function mayFollow({ session, shouldYield }: RelayConnection): boolean {
    return session.features.pipelining && session.isOpen && !shouldYield() && !queue.isStopped();
  }

  function isFresh({ held }: Prepared): boolean {
    return queue.isFresh(held) && isStillOurs(held);
  }

  /** The last look, on the monotonic clock, after the commit. */
  function isStillOurs({ workerId }: Held): boolean {
    return deps.lease.isAlive() && deps.lease.workerId === workerId;
  }

  function finish(current: Begun, end: TransactionEnd): void {
    const { held, via: used } = current;
    current.mail.release();
    queue.ended(held);
    const { outcome, pause, closes } = interpretResult(end, {
      delivery: held.delivery,
      now: deps.clock.now(),
      random: deps.random,
      wasReused: current.isReused,
    });
    if (pause !== undefined) {
      note(pause, used.relayKey, held);
    }
    if (closes && via === used) {
      hangUp('destroy');
    }
    if (outcome === 'turned-away' || (outcome === 'untouched' && (pause !== undefined || held.breaks >= MOST_BREAKS))) {
      queue.drop(held);
    } else if (outcome === 'untouched') {
      held.breaks += 1;
      queue.putBack(held);
    } else {
      if (outcome.state === 'accepted') {
        relays.succeeded(used.relayKey);
        deps.limiter.resumed(domainScope(held.domain));
      }
      settle(held, outcome);
    }
  }

  function note(
    pause: { readonly scope: 'relay' | 'domain'; readonly reason: string },
    relayKey: string,
    held: Held,
  ): void {
    if (pause.scope === 'relay') {
      relays.rest(relayKey, pause.reason);
    }
    if (pause.scope === 'domain' || pause.reason !== 'connection_lost') {
      const scope = pause.scope === 'domain' ? domainScope(held.domain) : relayScope(relayKey);
      deps.limiter.pause(scope, pause.reason).catch((error: unknown) => {
        deps.log.warn({ err: error }, 'a pause could not be shared with other workers');
      });
    }
  }

  return {
    async run() {
      try {
        for (let current = await start(undefined); current !== undefined;) {
          current = await carry(current);
        }
        await settling;
      } catch (error) {
        hangUp('destroy');
        settling = Promise.resolve();
        throw error;
      }
    },
    close: () => hangUp('close'),
    cut: () => {
      cut.abort();
      via?.session.destroy();
    },
  };
}

/**
 * Only what the mail itself is to blame for ends it. A key that this process does not have yet (SECRET_KEY is being changed
 * one process after the other) or a fault of ours costs the reader a delay, not the mail.
 */
function outcomeOfUnbuilt(deps: ConnectionDeps, { delivery }: Held, error: unknown): DeliveryOutcome {
  deps.log.error({ err: error, deliveryId: delivery.id }, 'a mail could not be built');
  const isOfMail = error instanceof AppError && error.kind === 'render';
  return isOfMail
    ? { state: 'rejected', reason: 'render_failed', reply: undefined }
    : deferLater(delivery, { reason: 'build_failed', reply: undefined }, deps.clock.now(), deps.random);
}
