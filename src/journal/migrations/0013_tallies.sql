-- Tallies: the verifications of an hour or a day, counted by what statistics are grouped by, so that statistics over a
-- long time read a few thousand rows. They are computed from the rows of `verifications` and replaced as a whole, hours
-- first, days from their hours. Hours are kept for 90 days, days for two years. Test numbers are left out.
--
-- One dimension at a time is grouped by, so each has rows of its own: a deployment in 50 countries with 5 templates
-- writes some 100 rows an hour for an app, where the product of all dimensions would be as many as there are
-- verifications:
--
--   SELECT name, sum(started), sum(approved) FROM tally_days
--   WHERE dimension = 'country' AND period >= unixepoch('now', '-30 days') / 86400 GROUP BY name
CREATE TABLE tally_hours (
  -- all, country, channel, template, purpose, sender, language or error.
  dimension TEXT NOT NULL,
  -- The hour of the start, counted from the epoch in UTC.
  period INTEGER NOT NULL,
  app TEXT NOT NULL,
  -- What the verifications share, such as ID for a country; empty where it is unknown, and in the dimension all.
  name TEXT NOT NULL,
  started INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  -- The approved ones by the time from start to approval: h00 up to 1 s, each further column up to 1.15 times as long
  -- as the one before, h47 all that took longer than h46. Columns, because SQLite sums them fast.
  h00 INTEGER NOT NULL, h01 INTEGER NOT NULL, h02 INTEGER NOT NULL, h03 INTEGER NOT NULL, h04 INTEGER NOT NULL,
  h05 INTEGER NOT NULL, h06 INTEGER NOT NULL, h07 INTEGER NOT NULL, h08 INTEGER NOT NULL, h09 INTEGER NOT NULL,
  h10 INTEGER NOT NULL, h11 INTEGER NOT NULL, h12 INTEGER NOT NULL, h13 INTEGER NOT NULL, h14 INTEGER NOT NULL,
  h15 INTEGER NOT NULL, h16 INTEGER NOT NULL, h17 INTEGER NOT NULL, h18 INTEGER NOT NULL, h19 INTEGER NOT NULL,
  h20 INTEGER NOT NULL, h21 INTEGER NOT NULL, h22 INTEGER NOT NULL, h23 INTEGER NOT NULL, h24 INTEGER NOT NULL,
  h25 INTEGER NOT NULL, h26 INTEGER NOT NULL, h27 INTEGER NOT NULL, h28 INTEGER NOT NULL, h29 INTEGER NOT NULL,
  h30 INTEGER NOT NULL, h31 INTEGER NOT NULL, h32 INTEGER NOT NULL, h33 INTEGER NOT NULL, h34 INTEGER NOT NULL,
  h35 INTEGER NOT NULL, h36 INTEGER NOT NULL, h37 INTEGER NOT NULL, h38 INTEGER NOT NULL, h39 INTEGER NOT NULL,
  h40 INTEGER NOT NULL, h41 INTEGER NOT NULL, h42 INTEGER NOT NULL, h43 INTEGER NOT NULL, h44 INTEGER NOT NULL,
  h45 INTEGER NOT NULL, h46 INTEGER NOT NULL, h47 INTEGER NOT NULL,
  -- Billed messages, JSON: {"ID authentication": 12}, by country and price category. Prices are applied when it is read.
  billed TEXT NOT NULL,
  PRIMARY KEY (dimension, period, app, name)
) STRICT, WITHOUT ROWID;

-- The same by day, counted from the epoch in UTC.
CREATE TABLE tally_days (
  dimension TEXT NOT NULL,
  period INTEGER NOT NULL,
  app TEXT NOT NULL,
  name TEXT NOT NULL,
  started INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  h00 INTEGER NOT NULL, h01 INTEGER NOT NULL, h02 INTEGER NOT NULL, h03 INTEGER NOT NULL, h04 INTEGER NOT NULL,
  h05 INTEGER NOT NULL, h06 INTEGER NOT NULL, h07 INTEGER NOT NULL, h08 INTEGER NOT NULL, h09 INTEGER NOT NULL,
  h10 INTEGER NOT NULL, h11 INTEGER NOT NULL, h12 INTEGER NOT NULL, h13 INTEGER NOT NULL, h14 INTEGER NOT NULL,
  h15 INTEGER NOT NULL, h16 INTEGER NOT NULL, h17 INTEGER NOT NULL, h18 INTEGER NOT NULL, h19 INTEGER NOT NULL,
  h20 INTEGER NOT NULL, h21 INTEGER NOT NULL, h22 INTEGER NOT NULL, h23 INTEGER NOT NULL, h24 INTEGER NOT NULL,
  h25 INTEGER NOT NULL, h26 INTEGER NOT NULL, h27 INTEGER NOT NULL, h28 INTEGER NOT NULL, h29 INTEGER NOT NULL,
  h30 INTEGER NOT NULL, h31 INTEGER NOT NULL, h32 INTEGER NOT NULL, h33 INTEGER NOT NULL, h34 INTEGER NOT NULL,
  h35 INTEGER NOT NULL, h36 INTEGER NOT NULL, h37 INTEGER NOT NULL, h38 INTEGER NOT NULL, h39 INTEGER NOT NULL,
  h40 INTEGER NOT NULL, h41 INTEGER NOT NULL, h42 INTEGER NOT NULL, h43 INTEGER NOT NULL, h44 INTEGER NOT NULL,
  h45 INTEGER NOT NULL, h46 INTEGER NOT NULL, h47 INTEGER NOT NULL,
  billed TEXT NOT NULL,
  PRIMARY KEY (dimension, period, app, name)
) STRICT, WITHOUT ROWID;

-- What has been folded: one row. Hours are counted from the epoch in UTC; a bound is the first hour that is not included.
CREATE TABLE tally_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- The first hour that is folded; 0 when everything older is folded as well.
  first_hour INTEGER NOT NULL,
  -- Folded once at their end, an hour later, and after 26 hours, when no status changes any more.
  ended INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  final INTEGER NOT NULL,
  -- Hours before this one are only in their days; rows before this one may have been deleted.
  hours_from INTEGER NOT NULL,
  rows_from INTEGER NOT NULL,
  -- Up to when the hour under way was folded, in milliseconds since the epoch. Only a busy hour is.
  under_way_to INTEGER NOT NULL
) STRICT;

-- Hours that got a row after they were final, from an event that was delayed: folded again by the next run.
CREATE TABLE tally_late (
  hour INTEGER PRIMARY KEY,
  -- Milliseconds since the epoch.
  marked_at INTEGER NOT NULL
) STRICT;
