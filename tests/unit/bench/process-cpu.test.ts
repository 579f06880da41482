import { describe, expect, it } from 'vitest';
import { parseCpuMs } from '../../../bench/process-cpu.ts';

describe('parseCpuMs', () => {
  it('adds user and system time, whatever the process calls itself', () => {
    const stat = '4711 (node (1) x) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 50 7 7 20 0 11 0 98765 1 2';

    expect(parseCpuMs(stat)).toBe(3000);
  });
});
