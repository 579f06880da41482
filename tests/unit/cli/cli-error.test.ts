import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../src/cli/cli-error.ts';
import { inputError, settingError } from '../../../src/shared/app-error.ts';

describe('toFailure', () => {
  it('ends with 78 for a setting', () => {
    expect(toFailure(settingError('SMTP_URL', 'is wrong'))).toEqual({
      exitCode: 78,
      error: { code: 'setting_invalid', message: 'SMTP_URL: is wrong' },
    });
  });

  it('ends with 1 for a refusal, in one line, with the fields for programs', () => {
    const fields = [{ field: 'source', code: 'mjml_invalid', message: 'line 3: no' }];
    expect(toFailure(inputError('mjml_invalid', 'line 3:\n  no', { fields }))).toEqual({
      exitCode: 1,
      error: { code: 'mjml_invalid', message: 'line 3: no', errors: fields },
    });
  });

  it('ends with 2 for wrong usage and 0 for help, which commander has printed', () => {
    const help = new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)');
    const unknown = new CommanderError(1, 'commander.unknownOption', 'unknown option');
    const noCommand = new CommanderError(1, 'commander.help', '(outputHelp)');
    expect([help, unknown, noCommand].map((error) => toFailure(error))).toEqual([
      { exitCode: 0, error: null },
      { exitCode: 2, error: null },
      { exitCode: 2, error: null },
    ]);
  });

  it('says what to do when the database is away or has no tables yet', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const noTable = Object.assign(new Error('relation "settings" does not exist'), { code: '42P01' });
    expect(toFailure(refused)).toMatchObject({ exitCode: 1, error: { code: 'database_unavailable' } });
    expect(toFailure(noTable)).toMatchObject({
      exitCode: 1,
      error: { code: 'schema_missing', message: expect.stringContaining('courant migrate') },
    });
  });

  it('calls everything else an internal error', () => {
    expect(toFailure(new TypeError('x is undefined'))).toEqual({
      exitCode: 1,
      error: { code: 'internal_error', message: 'x is undefined' },
    });
  });
});
