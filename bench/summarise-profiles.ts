import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The parts of V8's .cpuprofile that are read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** One node id a sample; `timeDeltas` has the microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 30;

/** Where the time went, function by function without what they called, for every profile in the folder. */
export async function summariseProfiles(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
  const parts = await Promise.all(
    names.map(async (name) => {
      const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
      return [name, ...listCosts(profile).slice(0, SHOWN)].join('\n');
    }),
  );
  return parts.join('\n\n');
}

/** Lines such as `12.3 %   410 ms  writeMessage  src/rendering/message/write-message.ts:58`, the dearest first. */
export function listCosts(profile: CpuProfile): readonly string[] {
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const costs = new Map<string, number>();
  let total = 0;
  for (const [index, node] of profile.samples.entries()) {
    const micros = profile.timeDeltas[index] ?? 0;
    const place = places.get(node) ?? '(unknown)';
    if (place !== '(idle)' && place !== '(program)') {
      costs.set(place, (costs.get(place) ?? 0) + micros);
      total += micros;
    }
  }
  return [...costs]
    .sort(([, a], [, b]) => b - a)
    .map(([place, micros]) => {
      const share = ((micros / total) * 100).toFixed(1).padStart(5);
      return `${share} %  ${Math.round(micros / 1000)
        .toString()
        .padStart(6)} ms  ${place}`;
    });
}

function placeOf(frame: CpuProfile['nodes'][number]['callFrame']): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  if (frame.url === '') {
    return name;
  }
  const path = frame.url.replace(/^.*\/(?=(?:node_modules|src|workers)\/)/, '');
  return `${name}  ${path}:${frame.lineNumber + 1}`;
}
