-- Which rule gave a task to whoever has it, as it was called then: nothing where a person did.
ALTER TABLE task_assignments ADD COLUMN rule TEXT;
