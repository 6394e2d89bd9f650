-- From here on sessions are rows in a file of their own, and no account or node is woken for them. What the grains of earlier
-- versions asked to be woken by would wake nobody.
DELETE FROM OrleansReminders
WHERE GrainId LIKE 'account/%' OR GrainId LIKE 'node/%' OR GrainId LIKE 'session/%' OR GrainId LIKE 'retention/%';
