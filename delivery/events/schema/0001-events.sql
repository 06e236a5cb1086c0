-- Events as they came, kept for days; what they add up to, kept for ever.

create type event_kind as enum ('check', 'download-started', 'download-finished', 'install-started', 'updated', 'set-up');
create type event_result as enum ('failed', 'ok', 'ok-after-restart', 'cancelled', 'deferred');

-- Versions, channels and targets, by a short number. The empty name stands for none.
create table name (
  id int generated always as identity primary key,
  name text not null unique
);

create table event (
  event_id uuid not null,
  attempt_id uuid,
  received_at timestamptz(0) not null,
  bytes bigint,
  day date not null, -- of the id's own time, so a retry over midnight still meets itself
  kind event_kind not null,
  result event_result not null,
  target int not null,
  channel int not null,
  from_version int not null,
  to_version int not null,
  error_code int not null,
  duration_ms int,
  serial int,
  cohort smallint,
  primary key (day, event_id)
) partition by range (day);
create index event_received_at on event using brin (received_at);

-- How each attempt to update ended; the first word counts.
create table outcome (
  to_version int not null,
  attempt_id uuid not null,
  succeeded boolean not null,
  at timestamptz(0) not null,
  primary key (to_version, attempt_id)
);
create index outcome_at on outcome using brin (at);

create table rollup_hour (
  hour timestamptz(0) not null,
  to_version int not null,
  from_version int not null,
  target int not null,
  channel int not null,
  kind event_kind not null,
  result event_result not null,
  error_code int not null,
  n bigint not null,
  sum_ms bigint not null,
  primary key (hour, to_version, from_version, target, channel, kind, result, error_code)
);

-- The rollup with its names, for people.
create view activity as
select
  rollup_hour.hour,
  channel.name as channel,
  target.name as target,
  from_version.name as from_version,
  to_version.name as to_version,
  kind,
  result,
  error_code,
  n,
  sum_ms
from rollup_hour
join name as channel on channel.id = rollup_hour.channel
join name as target on target.id = rollup_hour.target
join name as from_version on from_version.id = rollup_hour.from_version
join name as to_version on to_version.id = rollup_hour.to_version;
