-- One run at a time; the lock is released with the connection.
\set SHOW_CONTEXT never
DO $$
BEGIN
  PERFORM set_config('lock_timeout', '5min', true);
  PERFORM pg_advisory_lock(hashtextextended('postgres_cluster.migrations', 0));
EXCEPTION WHEN lock_not_available THEN
  RAISE 'another run has been migrating this database for 5 minutes: wait for it to end, then run again';
END $$;
