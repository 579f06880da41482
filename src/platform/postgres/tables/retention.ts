export interface RetentionTables {
  delivery_totals: { kind: string; state: string; count: number };
}
