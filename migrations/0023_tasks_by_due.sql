-- The queue of everybody, whoever does it.
CREATE INDEX tasks_by_due ON tasks (due, value);
