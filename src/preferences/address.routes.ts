import express from 'express';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { chooseLocale, sendPage, tokenPage } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { circumstancesOf } from '../subscriptions/index.ts';
import type { PageDeps } from '../subscriptions/index.ts';
import { agreeToChange, inspectChange, refuseChange } from './change-address.ts';
import type { ChangeState } from './change-address.ts';

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 });
/** Named by the button that was pressed; a form that a script submits names none (R36). */
const answerSchema = z.object({ answer: z.enum(['agree', 'refuse']).optional() });

/** The links of the two mails about a new address. Both addresses are masked: mails get forwarded (S22). */
export function addressPages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/address/:token')
    .all(tokenPage)
    .get(async (req, res) => sendChange(req, res, await inspectChange(deps, tokenOf(req))))
    .post(urlencoded, async (req, res) => {
      const { answer } = answerSchema.parse(req.body ?? {});
      await sendChange(req, res, await takeAnswer(deps, req, answer));
    });
  return router;
}

function tokenOf(req: Request): string {
  return String(req.params['token']);
}

function takeAnswer(deps: PageDeps, req: Request, answer: 'agree' | 'refuse' | undefined): Promise<ChangeState> {
  switch (answer) {
    case 'agree':
      return agreeToChange(deps, tokenOf(req), circumstancesOf(req));
    case 'refuse':
      return refuseChange(deps, tokenOf(req));
    case undefined:
      return inspectChange(deps, tokenOf(req));
    default:
      return answer satisfies never;
  }
}

async function sendChange(req: Request, res: Response, state: ChangeState): Promise<void> {
  if (state.kind === 'invalid') {
    await sendPage(res, 'subscriptions/views/link-invalid', {}, 404);
    return;
  }
  const { change, end, kind } = state;
  const locale = chooseLocale(req, change.locale);
  const page = kind === 'open' ? end : kind;
  await sendPage(
    res,
    'preferences/views/address-change',
    {
      locale,
      state: kind,
      title: translatorFor(locale)(`preferences.change_${page}_title`),
      textKey: `preferences.change_${page}_text`,
      end,
      oldAddress: maskAddress(change.address),
      newAddress: maskAddress(change.newAddress),
    },
    kind === 'over' ? 410 : 200,
  );
}
