-- Sites whose pages may hold our sign-up form (embed.js): the browser asks for leave with its Origin header.
create table signup_origins (
  -- Scheme, host and port as browsers send them, such as https://www.example.org
  origin text primary key,
  created_at timestamptz(3) not null,
  created_by text not null
);
