import { describe, expect, it } from 'vitest';
import { orderTables } from '../../../src/backup/order-tables.ts';

const tables = ['issues', 'articles', 'newsletters', 'admins'].map((name) => ({ name }));

describe('orderTables', () => {
  it('puts each table after those it refers to, itself apart', () => {
    const references = [
      { from: 'articles', to: 'issues' },
      { from: 'issues', to: 'newsletters' },
      { from: 'issues', to: 'issues' },
      { from: 'admins', to: 'left_out' },
    ];

    expect(orderTables(tables, references).map(({ name }) => name)).toEqual([
      'admins',
      'newsletters',
      'issues',
      'articles',
    ]);
  });

  it('names those that refer to each other in a circle', () => {
    const circle = [
      { from: 'articles', to: 'issues' },
      { from: 'issues', to: 'articles' },
    ];

    expect(() => orderTables(tables, circle)).toThrow('in a circle: articles, issues');
  });
});
