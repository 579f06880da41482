import { afterAll, describe, expect, it } from 'vitest';
import { createLogicSandbox } from '../../../src/rendering/logic/logic-sandbox.ts';
import type { LogicAnswer, LogicReader } from '../../../src/rendering/logic/logic-batch.ts';

// What reaches the sandbox was checked before (logic.test.ts). These sources were not: each is what somebody would send who got past that.
const sandbox = createLogicSandbox();
afterAll(() => sandbox.close());

const ADA: LogicReader = { name: 'Ada', locale: 'en' };

function readersOf(count: number): readonly LogicReader[] {
  return Array.from({ length: count }, (_, index) => ({ name: `Reader ${index}`, locale: 'en' }));
}

function ask(sources: readonly string[], readers = [ADA], box = sandbox): Promise<readonly LogicAnswer[]> {
  return box.render({ sources, newsletter: { name: 'The Weekly' }, readers });
}

describe('the sandbox of logic (S1)', () => {
  it('answers for each reader and source, in their order', async () => {
    const sources = ['{% if subscriber.name %}0;{% else %}1;{% endif %}', '{{ newsletter.name | append: "!" }}'];

    expect(await ask(sources, [ADA, { locale: 'de' }])).toEqual([
      ['0;', 'The Weekly!'],
      ['1;', 'The Weekly!'],
    ]);
  });

  it.each([
    ['{{ process.env.PATH }}{{ env }}{{ global }}{{ require }}', ''],
    [
      '{{ subscriber.constructor }}{{ subscriber.__proto__ }}{{ newsletter.toString }}{{ subscriber.name.constructor }}',
      '',
    ],
    ['{{ "x".constructor }}{{ constructor }}{{ __proto__ }}{{ this }}', ''],
  ])('knows nothing but its data: %j', async (source, expected) => {
    expect(await ask([source])).toEqual([[expected]]);
  });

  it.each([
    '{% for i in (1..100000000) %}x{% endfor %}',
    '{% assign x = "a" %}{{ x }}',
    '{% capture x %}a{% endcapture %}',
    '{% include "/etc/passwd" %}',
    '{% render "/etc/passwd" %}',
    '{% layout "/etc/passwd" %}',
    '{% tablerow i in (1..9) %}{% endtablerow %}',
    '{% increment x %}',
    '{% liquid\nassign x = 1 %}',
    '{% constructor %}',
    '{% __proto__ %}',
    '{{ "a" | split: "" | join: "" }}',
    '{{ "a" | replace: "a", "b" }}',
    '{{ "a" | constructor }}',
    '{{ subscriber | json }}',
    '{% if subscriber.name %}',
  ])('refuses %j for this reader, and goes on', async (source) => {
    const answers = await ask([source, '{{ subscriber.name }}']);

    expect(answers).toEqual([{ reason: 'template', source: 0, message: expect.any(String) }]);
    expect(await ask(['{{ subscriber.name }}'])).toEqual([['Ada']]);
  });

  it.each([
    ['nested ten thousand deep', '{% if subscriber.name %}'.repeat(10_000) + '{% endif %}'.repeat(10_000)],
    ['nested as deep as its length allows', '{% if a %}'.repeat(4000) + '{% endif %}'.repeat(4000)],
    ['a text that is too long', `{{ "${'a'.repeat(20_000)}" }}`],
  ])('survives a source that is %s', async (_what, source) => {
    expect(await ask([source])).toEqual([expect.objectContaining({ reason: 'template', source: 0 })]);
    expect(await ask(['{{ subscriber.name }}'])).toEqual([['Ada']]);
  });

  it('ends a batch that takes too long, and starts again with the next', async () => {
    const hasty = createLogicSandbox({ deadlineMs: 500 });
    await ask(['warm'], [ADA], hasty);
    const slow = '{{ subscriber.name | upcase | downcase | append: "x" }}'.repeat(1500);

    const answers = await ask([slow], [...readersOf(20_000)], hasty);

    expect(answers).toHaveLength(20_000);
    expect(answers[0]).toMatchObject({ reason: 'limit', source: null });
    expect(await ask(['{{ subscriber.name }}'], [ADA], hasty)).toEqual([['Ada']]);
    await hasty.close();
  });

  it('ends a batch that takes too much memory, and starts again with the next', { timeout: 60_000 }, async () => {
    const small = createLogicSandbox({ deadlineMs: 60_000, maxHeapMb: 16 });
    const heavy = Array.from(
      { length: 20 },
      (_, index) => `{{ subscriber.name | append: "${'a'.repeat(9000)}${index}" | upcase }}`,
    );

    const answers = await ask(heavy, [...readersOf(2000)], small);

    expect(answers[0]).toMatchObject({ reason: 'limit', source: null });
    expect(await ask(['{{ subscriber.name }}'], [ADA], small)).toEqual([['Ada']]);
    await small.close();
  });

  it('ends its thread when nothing comes, and starts another when something does', async () => {
    const idle = createLogicSandbox({ idleMs: 1 });

    expect(await ask(['a'], [ADA], idle)).toEqual([['a']]);
    expect(await ask(['b'], [ADA], idle)).toEqual([['b']]);
    await idle.close();
    expect(await ask(['c'], [ADA], idle)).toEqual([['c']]);
    await idle.close();
  });

  it('answers batches that come at once one after the other', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask([`${index}`])));

    expect(answers.flat()).toEqual(Array.from({ length: 20 }, (_, index) => [`${index}`]));
  });
});
