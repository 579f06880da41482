/**
 * What verification finds, by a stable code. About a record: of a seal that is genuine, so it is exactly that record. About a seal:
 * from its first record on nothing is proven.
 */
export const CHAIN_PROBLEMS = {
  record_changed: 'a record is no longer what was sealed',
  record_removed: 'a record that was sealed is gone, or was taken out of its seal',
  record_inserted: 'a record stands in a place where none was sealed, or was slipped in among sealed ones',
  record_reordered: 'records have changed places',
  entry_changed: 'the hash that was stored for a record was changed; the record itself is intact',
  text_changed: 'the wording that was shown was changed',
  text_removed: 'the wording that was shown is gone',
  document_changed: 'the text of the Terms or of the privacy notice was changed',
  document_removed: 'a version of the Terms or of the privacy notice is gone',
  value_changed: 'an address, network or browser is not the one that was recorded',
  value_removed: 'an address, network or browser is gone, and no record says that it was erased',
  seal_changed: 'the seal is not what it was when it was made',
  seal_removed: 'a seal is gone that records still name',
  seal_forged: 'the seal was made without the key',
  seal_key_unknown: 'the seal was made with a key that SECRET_KEY does not list; add it again',
  root_differs: 'records and the hashes stored for them were changed together',
  chain_broken: 'the seal does not follow the one before it: a seal was removed, inserted or moved',
  head_differs: 'the seal is not the one that was exported: the chain was made anew',
  head_missing: 'a seal that was exported is gone: the chain was made anew',
  tail_cut: 'seals that were exported are gone: the end of the chain was cut off',
} as const;
export type ChainProblem = keyof typeof CHAIN_PROBLEMS;

export interface Finding {
  readonly problem: ChainProblem;
  /** The first record that it is about; null when there is none, or nobody can tell. */
  readonly recordId: number | null;
}
