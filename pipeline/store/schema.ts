/**
 * The tables of the store, in the subset of SQL that SQLite and PostgreSQL share. A change of shape is a new entry,
 * never an edit: entry n brings a store from schema n to n + 1.
 */
export const migrations: readonly string[] = [
  `
  create table worker (
    id text primary key, host text not null, pid integer not null, started_at bigint not null, heartbeat_at bigint not null
  );
  create table asset (id integer primary key, name text not null unique);
  create table run (
    id integer primary key, uid text not null unique, ask text not null, status text not null, created_at bigint not null,
    finished_at bigint, leader text, cancel_requested integer not null default 0, counts text not null
  );
  create table partition (
    id integer primary key, asset_id integer not null, key text not null, status integer not null default 0,
    materialization_id integer, lease integer not null default 0, leased_until bigint, worker text, run_id integer, error text,
    unique (asset_id, key)
  );
  create index partition_worker on partition (worker) where worker is not null;
  create table materialization (
    id integer primary key, uid text not null, partition_id integer not null, run_id integer, status integer not null,
    at bigint not null, path text not null, rows bigint not null, bytes bigint not null, version text not null,
    code_version text not null, inputs text not null, checks text not null, metadata text not null
  );
  create index materialization_partition on materialization (partition_id);
  create table event (
    id integer primary key, at bigint not null, run_id integer not null, partition_id integer, type integer not null, payload text
  );
  create index event_run on event (run_id);
  create table tick (
    definition text not null, scheduled_at bigint not null, decided_at bigint not null, run text, note text,
    primary key (definition, scheduled_at)
  );
  create table cursor (sensor text primary key, value text not null, moved_at bigint not null);
  `,
  // The statuses of an asset's partitions as one text, true up to an event; what happened since is added when it is read.
  `
  create table status_block (asset_id integer primary key, as_of bigint not null, layout text not null, bytes text not null);
  `,
  // What the queue of runs and those who watch over runs need to know; and up to which event some may be missing.
  `
  alter table run add column admitted_at bigint;
  alter table run add column started_at bigint;
  alter table run add column resumes integer not null default 0;
  alter table run add column is_orphan integer not null default 0;
  alter table run add column reason text;
  alter table run add column rerun_of text;
  update run set admitted_at = created_at, started_at = created_at where status <> 'queued';
  create index run_unfinished on run (id) where finished_at is null;
  create index run_rerun on run (rerun_of) where rerun_of is not null;
  create table purge (up_to bigint not null);
  insert into purge (up_to) values (0);
  `,
  // Ticks tell how they ended. `since` bounds what a schedule catches up with; a run key is used once by its owner.
  `
  create table automation (name text primary key, is_on integer, since bigint not null, polled_at bigint);
  create table run_key (
    definition text not null, run_key text not null, run text not null, primary key (definition, run_key)
  );
  alter table tick add column status text not null default 'succeeded';
  alter table tick add column failures integer not null default 0;
  alter table tick add column runs text not null default '[]';
  alter table tick add column cursor_before text;
  alter table tick add column cursor_after text;
  update tick set runs = '["' || run || '"]' where run is not null;
  alter table tick drop column run;
  `,
  // The ends of runs, numbered in their order.
  `
  create table run_end (id integer primary key, run_id integer not null unique);
  `,
  // What a version was made from, when it stopped being the published one and when its file was given up; where a pointer
  // was moved by hand, after which version; and the keys of dynamic dimensions.
  `
  alter table materialization add column sources text not null default '{}';
  alter table materialization add column content text;
  alter table materialization add column superseded_at bigint;
  alter table materialization add column removed_at bigint;
  alter table materialization add column is_gone integer not null default 0;
  update materialization set superseded_at = coalesce(
    (select min(later.at) from materialization later where later.partition_id = materialization.partition_id
       and later.id > materialization.id and later.status = 1), at)
  where not exists (select 1 from partition p where p.materialization_id = materialization.id);
  create index materialization_superseded on materialization (id) where superseded_at is not null and removed_at is null;
  create index materialization_removed on materialization (id) where removed_at is not null and is_gone = 0;
  create table correction (
    id integer primary key, partition_id integer not null, at bigint not null, after_id bigint not null,
    materialization_id integer
  );
  create index correction_partition on correction (partition_id);
  create table dynamic_key (
    id integer primary key, name text not null, key text not null, added_at bigint not null, removed_at bigint,
    unique (name, key)
  );
  `,
  // What many machines share: how often the holder of a partition died over it, how far a run has come since it was last
  // taken up, what each worker can do, what the deployment is for, and what of an exchange's budget is left.
  `
  alter table partition add column deaths integer not null default 0;
  alter table run add column made bigint not null default 0;
  alter table worker add column about text;
  create table setting (name text primary key, value text not null);
  create table rate (
    name text primary key, tokens double precision not null, at bigint not null, paused_until bigint not null
  );
  `,
  // Who made an attempt, the how many-th of its run it was, and how long it took; and what pages of runs and of their events
  // are read by. Makers have numbers, since an event is written a million times; and no list is in the condition of the
  // index, since SQLite would make it anew for each event.
  `
  create table maker (id integer primary key, name text not null unique);
  alter table event add column took_ms integer;
  alter table event add column maker integer;
  alter table event add column attempt smallint;
  create index event_telling on event (run_id, type, id) where type = 1 or type >= 4;
  create index run_created on run (created_at, id);
  create index run_status on run (status, created_at, id);
  `,
]
