create table dkim_keys (
  id bigint generated always as identity primary key,
  -- As in From: lower case, A-labels
  domain text not null,
  selector text not null,
  -- SubjectPublicKeyInfo (DER); base64 of it is p= of the DNS record
  public_key bytea not null,
  -- PKCS #8 (DER), sealed with AES-256-GCM under a subkey of SECRET_KEY
  sealed_private_key bytea not null,
  -- Which secret of SECRET_KEY it is sealed under
  key_id smallint not null,
  created_at timestamptz(3) not null,
  -- It signs the mails that are made from the one instant until the other: a retry is signed as the first try was.
  signs_from timestamptz(3) not null,
  retired_at timestamptz(3),
  -- A selector is never used again: mails signed with it are still being read.
  unique (domain, selector)
);
