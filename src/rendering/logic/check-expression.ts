import { Tokenizer, TypeGuards } from 'liquidjs';
import type { FilteredValueToken, Token, ValueToken } from 'liquidjs';
import { AUTHOR_FACTS, AUTHOR_MERGE_FIELDS, LOGIC_FIELDS } from '../merge-fields.ts';
import { AppError, inputError } from '../../shared/app-error.ts';
import type { ProblemCode } from '../problems.ts';
import { LOGIC_FILTERS } from './logic-engine.ts';

/** Nobody writes longer ones by hand; it bounds what one of them can cost. */
const MAX_LENGTH = 500;
const MAX_FILTERS = 8;

const KNOWN_FIELDS: ReadonlySet<string> = new Set([...LOGIC_FIELDS, ...AUTHOR_FACTS]);
const KNOWN_FILTERS: ReadonlySet<string> = new Set(LOGIC_FILTERS);
const BINARY: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=', 'contains', 'and', 'or']);

export interface ReadExpression {
  /** The names of the fields that it uses. */
  readonly fields: readonly string[];
  readonly hasDefault: boolean;
}

/**
 * Reads `field | filter: "x"` or `field == "x" and …` with Liquid's own parser and refuses everything that is not on the lists: no path, index,
 * range or named argument gets through.
 * @throws AppError with a ProblemCode.
 */
export function readExpression(text: string): ReadExpression {
  return readWith(text, (tokenizer) => {
    const value = tokenizer.readFilteredValue();
    tokenizer.skipBlank();
    refuseUnless(tokenizer.end(), text);
    return checkFiltered(value, text);
  });
}

/** The values of a `when`: `"nl", "at"` or `"nl" or "at"`. */
export function readWhen(text: string): ReadExpression {
  return readWith(text, (tokenizer) => {
    const fields: string[] = [];
    for (;;) {
      const value = tokenizer.readValue();
      refuseUnless(value !== undefined, text);
      fields.push(...checkOperand(value, text));
      tokenizer.skipBlank();
      if (tokenizer.end()) {
        return { fields, hasDefault: false };
      }
      const separator = tokenizer.peek() === ',' ? ',' : 'or';
      refuseUnless(tokenizer.match(separator), text);
      tokenizer.advance(separator.length);
    }
  });
}

function readWith(text: string, read: (tokenizer: Tokenizer) => ReadExpression): ReadExpression {
  if (text.length > MAX_LENGTH) {
    throw refuse('merge_field_invalid', `what stands between the braces is longer than ${MAX_LENGTH} characters`);
  }
  try {
    return read(new Tokenizer(text));
  } catch (error) {
    // Liquid's parser throws errors of several kinds, all about the text.
    throw error instanceof AppError ? error : unreadable(text);
  }
}

function checkFiltered(value: FilteredValueToken, text: string): ReadExpression {
  const fields = value.initial.postfix.flatMap((token) => checkOperand(token, text));
  checkArity(value.initial.postfix, text);
  if (value.filters.length > MAX_FILTERS) {
    throw refuse('merge_field_invalid', `use at most ${MAX_FILTERS} filters in a row`);
  }
  let hasDefault = false;
  for (const filter of value.filters) {
    if (!KNOWN_FILTERS.has(filter.name)) {
      const known = LOGIC_FILTERS.join(', ');
      throw refuse('merge_filter_refused', `there is no filter "${filter.name}" here; known are ${known}`);
    }
    hasDefault ||= filter.name === 'default';
    for (const argument of filter.args) {
      refuseUnless(!Array.isArray(argument), text);
      const used = checkOperand(argument, text);
      // A default that may be missing itself is none.
      fields.push(...used);
    }
  }
  return { fields, hasDefault };
}

function checkOperand(token: Token | ValueToken, text: string): readonly string[] {
  if (TypeGuards.isPropertyAccessToken(token)) {
    const name = token.getText().trim();
    if (!KNOWN_FIELDS.has(name)) {
      throw unknownField(name);
    }
    return [name];
  }
  const isPlain =
    TypeGuards.isQuotedToken(token) ||
    TypeGuards.isNumberToken(token) ||
    TypeGuards.isLiteralToken(token) ||
    TypeGuards.isOperatorToken(token);
  refuseUnless(isPlain, text);
  return [];
}

/** Liquid's parser takes `a b` for an expression and forgets one of them. */
function checkArity(postfix: readonly Token[], text: string): void {
  let depth = 0;
  for (const token of postfix) {
    const takes = TypeGuards.isOperatorToken(token) ? (BINARY.has(token.operator) ? 2 : 1) : 0;
    refuseUnless(depth >= takes, text);
    depth += 1 - takes;
  }
  refuseUnless(depth === 1, text);
}

function refuseUnless(isFine: boolean, text: string): asserts isFine {
  if (!isFine) {
    throw unreadable(text);
  }
}

function unreadable(text: string): AppError {
  return refuse(
    'merge_field_invalid',
    `"${text.trim().slice(0, 100)}" cannot be read; write a field such as subscriber.name | default: "reader"`,
  );
}

export function unknownField(name: string): AppError {
  if (AUTHOR_MERGE_FIELDS.some((field) => field === name)) {
    return refuse('merge_field_invalid', `${name} can only be printed as it is, without filters or conditions`);
  }
  const known = [...new Set([...LOGIC_FIELDS, ...AUTHOR_MERGE_FIELDS, ...AUTHOR_FACTS])].join(', ');
  return refuse('merge_field_unknown', `there is no merge field "${name}"; known are ${known}`);
}

function refuse(code: ProblemCode, message: string): AppError {
  return inputError(code, message);
}
